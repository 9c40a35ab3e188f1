import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import DAY, NO_TIME
from features.records.recent import NONE, newest_of
from features.records.records import Records
from tests.features.requests import ActivityInput, records_of

NOW = 100 * DAY
TYPES = ("demo_request", "quote_request")


def company(*leads: list[ActivityInput]) -> Records:
    return records_of([{"lead": {}, "as_of": NOW, "activities": activities} for activities in leads])


def did(kind: str, days_ago: float, *, bot: bool = False) -> ActivityInput:
    return {"type": kind, "occurred_at": NOW - round(days_ago * DAY), "is_automated": bot}


def newest(records: Records, *, within_days: float | None = None, by_people: bool = False) -> list[int]:
    leads = len(records.lead_ids)
    moment = np.full(leads, NOW)
    found = newest_of(
        records.lead_events, TYPES, np.arange(leads), moment, within_days=within_days, by_people=by_people
    )
    return [int(each) for each in found]


def test_the_newest_of_the_types_is_found() -> None:
    records = company(
        [did("demo_request", 3), did("quote_request", 1), did("page_view", 0.5)], [], [did("demo_request", 9)]
    )
    assert newest(records) == [1, NONE, 0]


def test_what_happens_at_or_after_the_moment_does_not_count() -> None:
    assert newest(company([did("demo_request", 0)], [did("demo_request", -1)])) == [NONE, NONE]


def test_what_is_older_than_the_window_does_not_count() -> None:
    records = company([did("demo_request", 14)], [did("demo_request", 14.01)])
    assert newest(records, within_days=14) == [0, NONE]


def test_what_a_bot_did_does_not_count_for_people() -> None:
    records = company([did("demo_request", 1, bot=True)])
    assert newest(records, by_people=True) == [NONE]
    assert newest(records) == [0]


def test_without_a_moment_nothing_has_happened() -> None:
    records = company([did("demo_request", 1)])
    moment = np.array([NO_TIME])
    assert newest_of(records.lead_events, TYPES, np.array([0]), moment, within_days=14).tolist() == [NONE]


def test_an_owner_that_is_none_has_no_events() -> None:
    records = company([did("demo_request", 1)])
    assert newest_of(records.lead_events, TYPES, np.array([-1, 0]), np.full(2, NOW)).tolist() == [NONE, 0]


events = st.lists(st.tuples(st.sampled_from([*TYPES, "page_view"]), st.integers(-3, 30)), max_size=6)


@given(st.lists(events, min_size=1, max_size=6), st.integers(1, 20))
def test_a_batch_finds_what_a_loop_finds(leads: list[list[tuple[str, int]]], days: int) -> None:
    records = company(*[[did(kind, ago) for kind, ago in each] for each in leads])
    for found, each in zip(newest(records, within_days=days), leads, strict=True):
        ages = [ago for kind, ago in each if kind in TYPES and 0 < ago <= days]
        assert (found == NONE) == (not ages)
        if ages:
            assert (TYPES[found], min(ages)) in each


@pytest.mark.parametrize("order", [[0, 1, 1, 0], [1], []])
def test_a_lead_may_be_asked_for_again(order: list[int]) -> None:
    records = company([did("demo_request", 1)], [did("quote_request", 1)])
    index = np.array(order, dtype=np.int64)
    assert newest_of(records.lead_events, TYPES, index, np.full(index.size, NOW)).tolist() == order
