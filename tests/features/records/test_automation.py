from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.records.automation import EVIDENCE, RULES, Clue, _tells, codes_of
from features.records.machines import LONGEST, is_clear

SECOND = 1_000_000
START = 1_700_000_007 * SECOND  # not a whole minute
MINUTE = 1_700_000_040 * SECOND  # a whole one
HOUR = 3600


def did(kind: str, second: float, link: str | None = None, *, mail: str | None = "m", by: bool | None = None) -> Clue:
    return Clue(START + round(second * SECOND), kind, mail, link, by)


def delivered(second: float = 0, mail: str | None = "m") -> Clue:
    return did("email_delivered", second, mail=mail)


def machines(clues: Sequence[Clue], *, after: float = 10 * HOUR) -> list[bool]:
    """Whether it is clear so many seconds after START that a machine did each."""
    moment = START + round(after * SECOND)
    return [is_clear(code, clue.at, moment) for code, clue in zip(codes_of(clues), clues, strict=True)]


def test_three_links_within_seconds_are_hit_by_a_gateway_without_any_id() -> None:
    clicks = [did("email_click", second, mail=None) for second in (0, 1, 2)]
    assert machines(clicks) == [True] * 3


def test_two_links_in_the_same_second_are_hit_by_a_gateway() -> None:
    assert machines([did("email_click", 0, "a"), did("email_click", 0.5, "b")]) == [True, True]


def test_a_link_that_is_clicked_twice_is_not_two_links() -> None:
    opened = did("email_open", -20)
    assert machines([opened, did("email_click", 0, "a"), did("email_click", 0.5, "a")]) == [False] * 3


def test_a_person_reads_and_clicks_two_links() -> None:
    visit = [delivered(-2 * HOUR), did("email_open", 0), did("email_click", 15, "a"), did("email_click", 28, "b")]
    assert machines(visit) == [False] * 4


def test_a_person_who_is_quick_is_a_person() -> None:
    visit = [delivered(), did("email_open", 12), did("email_click", 20, "a"), did("page_view", 22, mail=None)]
    assert machines(visit) == [False] * 4


def test_a_click_within_seconds_of_delivery_is_made_by_a_bot() -> None:
    assert machines([delivered(), did("email_click", 3, "a")]) == [False, True]


def test_a_click_soon_after_delivery_without_an_open_is_made_by_a_bot_if_no_act_of_a_person_follows() -> None:
    click = did("email_click", 9, "a")
    assert machines([delivered(), click]) == [False, True]
    assert machines([delivered(), click, did("form_submit", 40, mail=None)]) == [False] * 3


def test_links_that_are_hit_slowly_are_hit_by_a_gateway_if_that_to_unsubscribe_is_among_them() -> None:
    links = ("a", "https://example.org/unsubscribe?u=1")
    slow = [did("email_click", 10 * place, link) for place, link in enumerate(links)]
    assert machines(slow) == [True, True]
    assert machines([did("email_click", 0, "a"), did("email_click", 10, "b")]) == [False, False]


@pytest.mark.parametrize("link", [None, "https://example.org/unsubscribe"])
def test_a_person_who_unsubscribes_is_a_person(link: str | None) -> None:
    leaving = [did("email_open", 0), did("email_click", 8, link), did("unsubscribe", 9, mail="m")]
    assert machines(leaving) == [False] * 3


def test_an_open_within_seconds_of_delivery_is_made_by_a_proxy() -> None:
    assert machines([delivered(), did("email_open", 2)]) == [False, True]


def test_an_open_after_some_seconds_is_made_by_a_proxy_if_no_act_of_a_person_follows() -> None:
    assert machines([delivered(), did("email_open", 8)]) == [False, True]
    assert machines([delivered(), did("email_open", 8), did("email_click", 30, "a")]) == [False] * 3


def test_an_open_without_a_delivery_is_made_by_a_person() -> None:
    assert machines([did("email_open", 0)]) == [False]


def test_the_open_beside_automated_clicks_is_automated() -> None:
    burst = [did("email_open", 0), *(did("email_click", 1, link) for link in "abc")]
    assert machines(burst) == [True] * 4
    assert machines([did("email_open", -300), *burst]) == [False, *[True] * 4]


def test_whole_minutes_ask_for_more_than_one_link_in_a_minute() -> None:
    def at(minute: int, kind: str, link: str | None = None) -> Clue:
        return Clue(MINUTE + 60 * minute * SECOND, kind, "m", link, None)

    person = [at(-60, "email_delivered"), at(0, "email_open"), at(0, "email_click", "a")]
    gateway = [at(0, "email_delivered"), *(at(0, "email_click", link) for link in "abc")]
    later = MINUTE + HOUR * SECOND
    for clues, expected in ((person, [False] * 3), (gateway, [False, *[True] * 3])):
        found = [is_clear(code, clue.at, later) for code, clue in zip(codes_of(clues), clues, strict=True)]
        assert found == expected


def test_mails_are_judged_one_by_one_where_they_are_known() -> None:
    apart = [did("email_click", second, "a", mail=f"m{second}") for second in range(3)]
    assert machines(apart) == [False] * 3
    assert machines([clue._replace(mail=None, link=f"l{clue.at}") for clue in apart]) == [True] * 3


def test_what_was_automated_before_strengthens_other_evidence() -> None:
    earlier = [did("email_click", -50 * HOUR + second, str(second), mail="n") for second in range(4)]
    opened = [delivered(), did("email_open", 20), did("email_click", 30, "a")]
    assert machines(opened)[-1] is False
    assert machines([*earlier, *opened])[-1] is True


def test_what_a_person_is_said_to_have_done_before_strengthens_nothing() -> None:
    said = [did("email_click", -50 * HOUR + second, str(second), mail="n", by=False) for second in range(4)]
    opened = [delivered(), did("email_open", 20), did("email_click", 30, "a")]
    assert machines([*said, *opened]) == [False] * 7


def test_what_was_automated_before_is_not_enough_alone() -> None:
    earlier = [
        did("email_click", -day * 24 * HOUR + second, str(second), mail=f"n{day}")
        for day in (1, 2, 3)
        for second in range(4)
    ]
    assert machines([*earlier, delivered(-5 * HOUR), did("email_click", 0, "a")]) == [*[True] * 12, False, False]
    assert machines([*earlier, did("email_click", 0, "a")])[-1] is False


def test_what_the_sender_says_is_not_judged() -> None:
    clicks = [did("email_click", 0, "a", by=False), did("email_click", 0, "b"), did("email_click", 0, "c", by=True)]
    assert machines(clicks) == [False, True, True]
    assert machines([did("call", 0, by=True)]) == [True]


def test_a_verdict_counts_from_when_the_evidence_is_there() -> None:
    slow = [did("email_click", second, str(second)) for second in (0, 6, 12)]
    assert machines(slow, after=12) == [False] * 3
    assert machines(slow, after=13 + EVIDENCE.wait) == [True] * 3
    quick = [did("email_click", second, str(second)) for second in (0, 1, 2)]
    assert machines(quick, after=1) == [False] * 3
    assert machines(quick, after=1.1) == [True, True, False]
    assert machines(quick, after=2.1) == [True] * 3


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len(set(RULES)) == len(RULES) == 6


kinds = ["email_delivered", "email_open", "email_click", "email_click", "unsubscribe", "page_view", "call"]
clues = st.builds(
    Clue,
    at=st.one_of(
        st.integers(0, 200).map(lambda second: START + second * SECOND),
        st.integers(0, 6).map(lambda minute: MINUTE + 60 * minute * SECOND),
        st.integers(0, 400).map(lambda half: START + half * SECOND // 2),
    ),
    kind=st.sampled_from(kinds),
    mail=st.sampled_from([None, "m", "n"]),
    link=st.sampled_from([None, "a", "b", "c", "unsubscribe"]),
    given=st.sampled_from([None, None, None, True, False]),
)


dense = st.builds(
    Clue,
    at=st.integers(0, 90).map(lambda second: START + second * SECOND),
    kind=st.sampled_from(["email_delivered", "email_open", "email_open", *["email_click"] * 4, "page_view"]),
    mail=st.sampled_from(["m", "m", "m", None]),
    link=st.sampled_from("abcd"),
    given=st.sampled_from([*[None] * 9, True, False]),
)


@given(
    st.lists(clues, max_size=14) | st.lists(dense, min_size=3, max_size=16),
    st.integers(0, 15),
    st.sampled_from([0, 1, SECOND, EVIDENCE.wait * SECOND, EVIDENCE.wait * SECOND + 1]),
)
@settings(max_examples=1_000, deadline=None)
def test_what_happens_at_or_after_a_moment_changes_no_verdict_before_it(
    happened: list[Clue], place: int, later: int
) -> None:
    moment = (happened[place % len(happened)].at if happened else START) + later
    before = [clue for clue in happened if clue.at < moment]
    known = [is_clear(code, clue.at, moment) for code, clue in zip(codes_of(before), before, strict=True)]
    whole = zip(codes_of(happened), happened, strict=True)
    assert known == [is_clear(code, clue.at, moment) for code, clue in whole if clue.at < moment]


@given(st.lists(clues, max_size=14))
@settings(max_examples=200, deadline=None)
def test_codes_are_bytes_and_given_ones_stay(happened: list[Clue]) -> None:
    for code, clue in zip(codes_of(happened), happened, strict=True):
        assert 0 <= code <= LONGEST + 1
        if clue.given is not None or clue.kind in ("call", "page_view", "email_delivered"):
            assert code == int(clue.given or False)


@given(st.lists(clues, max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_activities_are_sent_does_not_matter(happened: list[Clue]) -> None:
    expected = sorted(zip(happened, codes_of(happened), strict=True), key=repr)
    for other in permutations(happened):
        assert sorted(zip(other, codes_of(other), strict=True), key=repr) == expected


@given(st.lists(clues, max_size=6))
@settings(max_examples=200, deadline=None)
def test_what_is_not_looked_at_tells_nothing(happened: list[Clue]) -> None:
    if _tells(happened):
        return
    # Three automated clicks of another mail long after make the whole be looked at.
    far = [Clue(START + (9000 + k) * SECOND, "email_click", "z", str(k), None) for k in range(3)]
    assert codes_of(happened) == codes_of([*happened, *far])[: len(happened)]
