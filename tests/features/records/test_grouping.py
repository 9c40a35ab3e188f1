from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.records.grouping import NOWHERE, ROW, Rows, copies, group, route_to_accounts, route_to_leads

Event = tuple[int, int, int, float | None, int]  # at, kind, related, value, automated

events = st.tuples(
    st.integers(0, 3), st.integers(0, 1), st.integers(-1, 1), st.sampled_from([None, 0.5, 2.0]), st.integers(0, 255)
)


def batch(leads: Sequence[int], happened: Sequence[Event]) -> tuple[Any, Any, Any, Any, Any]:
    return (
        np.array(leads, np.int32),
        np.array([each[0] for each in happened], np.int64),
        np.array([np.nan if each[3] is None else each[3] for each in happened]),
        np.array([each[1] for each in happened], np.int32),
        np.array([256 * each[2] + each[4] for each in happened], np.int32),
    )


def grouped(rows: Rows, first: int, owners: int) -> tuple[list[int], list[Event]]:
    size = len(rows)
    starts, at, value = np.empty(owners, np.int64), np.empty(size, np.int64), np.empty(size)
    kind, related, lead = (np.empty(size, np.int32) for _ in range(3))
    automated = np.empty(size, np.uint8)
    group(rows, np.empty_like(rows), first, starts, at, kind, related, value, automated, lead)
    values = [None if np.isnan(each) else each for each in value.tolist()]
    columns = (at.tolist(), kind.tolist(), related.tolist(), values, automated.tolist())
    return starts.tolist(), list(zip(*columns, strict=True))


def in_order(happened: Sequence[Event]) -> list[Event]:
    return sorted(happened, key=lambda each: (*each[:3], each[3] is None, each[3] or 0.0, each[4]))


@given(st.lists(st.tuples(st.integers(0, 4), events), max_size=200))
@settings(max_examples=60, deadline=None)
def test_events_come_out_by_owner_and_in_the_order_of_a_request(drawn: list[tuple[int, Event]]) -> None:
    leads, happened = [lead for lead, _ in drawn], [event for _, event in drawn]
    out = np.empty(len(drawn), ROW)
    bounds = route_to_leads(*batch(leads, happened), np.zeros(5, np.int32), 1, out)
    assert bounds.tolist() == [0, len(drawn)]
    starts, found = grouped(out, 0, 5)
    assert starts == [sum(lead < owner for lead in leads) for owner in range(5)]
    assert found == [each for owner in range(5) for each in in_order([e for lead, e in drawn if lead == owner])]


def test_an_owner_with_very_many_events_on_the_same_day_is_sorted() -> None:
    random = np.random.default_rng(0)
    happened = [(int(at), 0, -1, float(value), False) for at, value in random.integers(0, 9, (20_000, 2))]
    out = np.empty(len(happened), ROW)
    route_to_leads(*batch([0] * len(happened), happened), np.zeros(1, np.int32), 1, out)
    assert grouped(out, 0, 1)[1] == in_order(happened)


def test_rows_go_to_the_bucket_of_their_lead_or_nowhere() -> None:
    happened: list[Event] = [(at, 0, -1, None, False) for at in range(5)]
    out = np.empty(5, ROW)
    bounds = route_to_leads(*batch([2, 0, 1, 2, 0], happened), np.array([1, NOWHERE, 0], np.int32), 2, out)
    assert bounds.tolist() == [0, 2, 4]
    assert out["lead"][:4].tolist() == [2, 2, 0, 0]
    assert out["at"][:4].tolist() == [0, 3, 1, 4]


def test_rows_go_to_every_bucket_that_wants_their_account() -> None:
    happened: list[Event] = [(at, 0, -1, None, False) for at in range(3)]
    account_of, starts = np.array([0, 1, -1], np.int32), np.array([0, 2, 2], np.int64)  # nobody wants account 1
    leads = np.array([0, 1, 2], np.int32)
    assert copies(leads, account_of, starts) == 2
    out = np.empty(2, ROW)
    bucket, owner = np.array([0, 2], np.int32), np.array([7, 4], np.int32)
    bounds = route_to_accounts(*batch([0, 1, 2], happened), account_of, starts, bucket, owner, 3, out)
    assert bounds.tolist() == [0, 1, 1, 2]
    assert out["owner"].tolist() == [7, 4]
    assert out["lead"].tolist() == [0, 0]
