"""Plain request data to Records, without a DataFrame: the live way in, for one lead or a thousand.

Times are int64 microseconds since 1970 UTC. Events are put into the same order as the batch loader's, so that a request
and a batch row of the same lead give bit-identical features.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, cast

import numpy as np

from data_contracts.errors import RequestError
from features.arrays import NO_TIME, Codes, Times
from features.event_types import BANT_TYPES
from features.records.records import Categorical, Column, Events, Records

Scalar = str | float | int | bool | None


class ActivityInput(TypedDict):
    """Something a lead did. ``type`` of other leads of an account may also be deal_won, deal_lost or lead_created."""

    type: str
    occurred_at: int
    channel: NotRequired[str | None]
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


Event = tuple[int, str, str, bool, float, bool]  # at, type, channel ("" none), has no value, value (0 none), automated

LEAD_KEYS = frozenset({"lead_id", "account_id", "created_at", "order"})
ACCOUNT_KEYS = frozenset({"account_id", "activities"})


def records_of(requests: Sequence[LeadRequest]) -> Records:
    """Records of n requests, one lead each; the order is kept.

    Raises RequestError, which names the lead's position and the field, where a value is no number, text or boolean.
    """
    accounts = [account for each in requests if (account := each.get("account")) is not None]
    return Records(
        lead_ids=np.array([str(each["lead"].get("lead_id", "")) for each in requests], dtype=object),
        created_at=np.array([_time(each["lead"].get("created_at")) for each in requests], dtype=np.int64),
        leads=_columns([each["lead"] for each in requests], LEAD_KEYS, "lead"),
        account_of=_account_of(requests),
        accounts=_columns(accounts, ACCOUNT_KEYS, "account"),
        lead_events=_events([lead_events(each) for each in requests], own=True),
        account_events=_events([sorted_events(account.get("activities") or ()) for account in accounts], own=False),
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


def _columns(rows: Sequence[Mapping[str, Any]], reserved: frozenset[str], where: str) -> dict[str, Column]:
    names = dict.fromkeys(name for row in rows for name in row if name not in reserved)
    return {name: _column([row.get(name) for row in rows], f"{where}.{name}") for name in names}


def _column(values: Sequence[Scalar], where: str) -> Column:
    for position, value in enumerate(values):
        if value is not None and not isinstance(value, str | float | int):
            raise RequestError(
                f"{where} of lead {position} is {type(value).__name__}.", hint="Send a number, text, true or false."
            )
    if any(isinstance(value, str) for value in values):
        return categorical([None if value is None else text_of(value) for value in values])
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def text_of(value: str | float) -> str:
    """A value as the text that it would be in a file: 3.0 is "3", True is "true"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def categorical(texts: Sequence[str | None]) -> Categorical:
    """Codes of texts, levels in the order of their first appearance."""
    levels: dict[str, int] = {}
    codes = [-1 if text is None else levels.setdefault(text, len(levels)) for text in texts]
    return Categorical(np.array(codes, dtype=np.int32), tuple(levels))


def lead_events(request: LeadRequest) -> list[Event]:
    """What happened to the lead of a request and what sales answered, in the order of time."""
    events = sorted_events(request.get("activities") or ())
    answers = [event for each in request.get("dispositions") or () for event in _answers(each)]
    return sorted(events + answers) if answers else events


def sorted_events(activities: Sequence[ActivityInput]) -> list[Event]:
    """Activities in the order of time."""
    return sorted(
        _event(each["occurred_at"], each["type"], each.get("channel"), each.get("value"), each.get("is_automated"))
        for each in activities
    )


def _event(at: int, kind: str, channel: str | None, value: float | None, automated: bool | None) -> Event:
    if value is None or value != value:
        return (int(at), kind, channel or "", True, 0.0, bool(automated))
    return (int(at), kind, channel or "", False, float(value), bool(automated))


def _answers(disposition: DispositionInput) -> list[Event]:
    at = disposition["at"]
    events = [_event(at, f"verdict_{disposition['verdict']}", None, None, False)]
    for kind in BANT_TYPES:
        answer = disposition.get(kind.removeprefix("bant_"))
        if answer is not None:
            events.append(_event(at, kind, None, float(cast("float", answer)), False))
    return events


def _events(owners: Sequence[Sequence[Event]], *, own: bool) -> Events:
    flat = [event for events in owners for event in events]
    sizes = np.array([len(events) for events in owners], dtype=np.int64)
    starts = np.zeros(len(owners) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    lead = np.repeat(np.arange(len(owners), dtype=np.int32), sizes) if own else np.full(len(flat), -1, np.int32)
    return Events(
        starts=starts,
        at=np.array([event[0] for event in flat], dtype=np.int64),
        type=categorical([event[1] for event in flat]),
        channel=categorical([event[2] or None for event in flat]),
        value=np.array([np.nan if event[3] else event[4] for event in flat], dtype=np.float64),
        automated=np.array([event[5] for event in flat], dtype=np.bool_),
        lead=lead,
    )


def _history(owners: Sequence[Sequence[ChangeInput]]) -> dict[str, Events]:
    fields = dict.fromkeys(change["field"] for changes in owners for change in changes)
    return {field: _changes_of(field, owners) for field in fields}


def _changes_of(field: str, owners: Sequence[Sequence[ChangeInput]]) -> Events:
    chosen = [sorted(_change(each) for each in changes if each["field"] == field) for changes in owners]
    events = _events(chosen, own=True)
    # A cleared value sorts first among ties and has no code.
    codes = events.type.codes
    cleared = np.array([level == "" for level in events.type.levels] or [False], dtype=np.bool_)
    return Events(
        starts=events.starts,
        at=events.at,
        type=Categorical(np.where(cleared[codes], -1, codes).astype(np.int32), events.type.levels),
        channel=events.channel,
        value=events.value,
        automated=events.automated,
        lead=events.lead,
    )


def _change(change: ChangeInput) -> Event:
    return _event(change["changed_at"], change["value"] or "", None, None, False)
