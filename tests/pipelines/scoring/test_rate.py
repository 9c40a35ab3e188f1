import pytest

from pipelines.scoring.rate import Rate, duration


def test_the_rate_counts_only_what_was_done_since_it_started() -> None:
    times = iter([100.0, 104.0])
    rate = Rate(10_000, before=2_000, clock=lambda: next(times))
    assert rate.message(6_000, "leads") == "6,000 of 10,000 leads, 1,000/s, 4 s left"


def test_at_the_beginning_and_at_the_end_nothing_is_left_to_say() -> None:
    rate = Rate(10, before=4)
    assert rate.message(4, "leads") == "4 of 10 leads"
    assert rate.message(10, "leads") == "10 of 10 leads"


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7_500, "2 h 5 min")])
def test_a_duration_is_said_as_a_person_would(seconds: float, text: str) -> None:
    assert duration(seconds) == text
