"""Leads written out in tests: as Records, which is what the batch reads, and as LiveLead, what the server reads.

Times are int64 microseconds since 1970 UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, NotRequired, TypedDict, cast

import numpy as np

from features.arrays import NO_TIME, Codes, Times
from features.event_types import BANT_TYPES
from features.records.live_lead import Event, LiveLead, answer_events, event
from features.records.records import Categorical, Column, Events, Records
from features.records.related import NOTHING, Related, Thing, thing
from features.values.attributes import text_of

Scalar = str | float | int | bool | None


class ActivityInput(TypedDict):
    """Something a lead did. ``type`` of other leads of an account may also be deal_won, deal_lost or lead_created."""

    type: str
    occurred_at: int
    related_to: NotRequired[str | None]
    related_kind: NotRequired[str | None]
    campaign: NotRequired[str | None]
    value: NotRequired[float | None]
    is_automated: NotRequired[bool | None]


class DispositionInput(TypedDict):
    """An answer of sales."""

    at: int
    verdict: str
    budget: NotRequired[bool | None]
    authority: NotRequired[bool | None]
    need: NotRequired[bool | None]
    timeline: NotRequired[bool | None]
    sentiment: NotRequired[float | None]


class ChangeInput(TypedDict):
    """A field took a value (as text) at a time. A field with any change takes its value from its changes alone."""

    field: str
    value: str | None
    changed_at: int


class LeadRequest(TypedDict):
    """A lead that is to be scored.

    ``lead`` holds lead_id?, created_at? (int) and any canonical column or attribute; ``account`` likewise, and under
    ``activities`` a list of ActivityInput: what *other* leads of the account did. ``as_of`` is the snapshot.
    """

    lead: Mapping[str, Any]
    as_of: int
    account: NotRequired[Mapping[str, Any] | None]
    activities: NotRequired[Sequence[ActivityInput]]
    dispositions: NotRequired[Sequence[DispositionInput]]
    changes: NotRequired[Sequence[ChangeInput]]
    account_changes: NotRequired[Sequence[ChangeInput]]


LEAD_KEYS = frozenset({"lead_id", "account_id", "created_at", "order"})
ACCOUNT_KEYS = frozenset({"account_id", "activities"})


def records_of(requests: Sequence[LeadRequest]) -> Records:
    """Records of n requests, one lead each; the order is kept."""
    accounts = [account for each in requests if (account := each.get("account")) is not None]
    return Records(
        lead_ids=np.array([str(each["lead"].get("lead_id", "")) for each in requests], dtype=object),
        created_at=np.array([_time(each["lead"].get("created_at")) for each in requests], dtype=np.int64),
        leads=_columns([each["lead"] for each in requests], LEAD_KEYS),
        account_of=_account_of(requests),
        accounts=_columns(accounts, ACCOUNT_KEYS),
        lead_events=_own_events([lead_events(each) for each in requests]),
        account_events=events_of([sorted_events(account.get("activities") or ()) for account in accounts]),
        lead_history=_history([each.get("changes") or () for each in requests]),
        account_history=_history(
            [each.get("account_changes") or () for each in requests if each.get("account") is not None]
        ),
    )


def moments_of(requests: Sequence[LeadRequest]) -> Times:
    """The snapshots (n,) of requests."""
    return np.array([each["as_of"] for each in requests], dtype=np.int64)


def _time(value: int | None) -> int:
    return int(NO_TIME) if value is None else int(value)


def _account_of(requests: Sequence[LeadRequest]) -> Codes:
    present = np.array([each.get("account") is not None for each in requests], dtype=np.bool_)
    return np.where(present, np.cumsum(present) - 1, -1).astype(np.int32)


def _columns(rows: Sequence[Mapping[str, Any]], reserved: frozenset[str]) -> dict[str, Column]:
    names = dict.fromkeys(name for row in rows for name in row if name not in reserved)
    return {name: _column([row.get(name) for row in rows]) for name in names}


def _column(values: Sequence[Scalar]) -> Column:
    if any(isinstance(value, str) for value in values):
        return categorical([None if value is None else text_of(value) for value in values])
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _own_events(owners: Sequence[Sequence[Event]]) -> Events:
    events = events_of(owners)
    return replace(events, lead=np.repeat(np.arange(len(owners), dtype=np.int32), np.diff(events.starts)))


def events_of(owners: Sequence[Sequence[Event]]) -> Events:
    """The sorted events of n owners; who of an account's leads did what is not known, and their lead is -1."""
    flat = [each for events in owners for each in events]
    nobody = np.full(len(flat), -1, np.int32)
    return Events(
        starts=np.array([0, *accumulate(map(len, owners))], dtype=np.int64),
        at=np.array([each[0] for each in flat], dtype=np.int64),
        type=categorical([each[1] for each in flat]),
        related=related([each[2] for each in flat]),
        value=np.array([np.nan if each[3] else each[4] for each in flat], dtype=np.float64),
        automated=np.array([each[5] for each in flat], dtype=np.uint8),
        lead=nobody,
    )


def categorical(texts: Sequence[str | None]) -> Categorical:
    """Codes of texts, levels in the order of their first appearance."""
    levels: dict[str, int] = {}
    codes = [-1 if text is None else levels.setdefault(text, len(levels)) for text in texts]
    return Categorical(np.array(codes, dtype=np.int32), tuple(levels))


def related(things: Sequence[Thing]) -> Related:
    """Codes of things, in the order of their first appearance."""
    seen: dict[Thing, int] = {}
    codes = [-1 if each == NOTHING else seen.setdefault(each, len(seen)) for each in things]
    return Related(np.array(codes, dtype=np.int32), tuple(seen))


def live_lead(request: LeadRequest) -> LiveLead:
    """The same lead as the server reads it; changes are not among what it reads."""
    lead, account = request["lead"], request.get("account") or {}
    return LiveLead(
        as_of=request["as_of"],
        lead_id=lead.get("lead_id", ""),
        created_at=_time(lead.get("created_at")),
        lead={name: value for name, value in lead.items() if name not in LEAD_KEYS},
        account={name: value for name, value in account.items() if name not in ACCOUNT_KEYS},
        events=lead_events(request),
        account_events=sorted_events(account.get("activities") or ()),
    )


def lead_events(request: LeadRequest) -> list[Event]:
    """What happened to the lead of a request and what sales answered, in the order of time."""
    answers = [one for each in request.get("dispositions") or () for one in _answers(each)]
    return sorted([*sorted_events(request.get("activities") or ()), *answers])


def sorted_events(activities: Sequence[ActivityInput]) -> list[Event]:
    """Activities in the order of time."""
    return sorted(
        event(each["occurred_at"], each["type"], _thing(each), each.get("value"), int(bool(each.get("is_automated"))))
        for each in activities
    )


def _thing(activity: ActivityInput) -> Thing:
    return thing(activity.get("related_to"), activity.get("related_kind"), activity.get("campaign"))


def _answers(disposition: DispositionInput) -> list[Event]:
    answers = {kind: disposition.get(kind.removeprefix("bant_")) for kind in BANT_TYPES}
    return answer_events(disposition["at"], disposition["verdict"], cast("dict[str, float | None]", answers))


def _history(owners: Sequence[Sequence[ChangeInput]]) -> dict[str, Events]:
    fields = dict.fromkeys(change["field"] for changes in owners for change in changes)
    return {field: _changes_of(field, owners) for field in fields}


def _changes_of(field: str, owners: Sequence[Sequence[ChangeInput]]) -> Events:
    events = events_of([sorted(_change(each) for each in changes if each["field"] == field) for changes in owners])
    # A cleared value sorts first among ties and has no code.
    codes = events.type.codes
    cleared = np.array([level == "" for level in events.type.levels] or [False], dtype=np.bool_)
    kept = np.where(cleared[codes], -1, codes).astype(np.int32)
    return replace(events, type=Categorical(kept, events.type.levels))


def _change(change: ChangeInput) -> Event:
    return event(change["changed_at"], change["value"] or "")
