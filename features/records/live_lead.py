"""A lead as a live request describes it: values as they came, and events in the order of the batch loader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np

from features.arrays import NO_TIME
from features.records.records import Categorical, Events

# at, type, channel ("" none), has no value, value (0 none), automated: in this order events of one time are sorted
Event: TypeAlias = tuple[int, str, str, bool, float, bool]


@dataclass(frozen=True)
class LiveLead:
    """One lead at the moment ``as_of``. Times are int64 microseconds since 1970 UTC.

    ``lead`` and ``account`` (empty where there is none) hold canonical columns and attributes, each a text, number,
    flag or None. ``events`` are what the lead did and what sales answered, ``account_events`` what the other leads of
    its account did and became, each sorted.
    """

    as_of: int
    lead_id: str | None = None
    created_at: int = int(NO_TIME)
    lead: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    account_events: Sequence[Event] = ()


def event(
    at: int, kind: str, channel: str | None = None, value: float | None = None, automated: bool | None = False
) -> Event:
    """An event; a value that is None or NaN is none."""
    if value is None or value != value:
        return at, kind, channel or "", True, 0.0, bool(automated)
    return at, kind, channel or "", False, float(value), bool(automated)


def answer_events(at: int, verdict: str, answers: Mapping[str, float | None]) -> list[Event]:
    """The events of a disposition: its verdict, and each answer (``bant_budget`` ...) that is known."""
    known = [event(at, kind, value=float(answer)) for kind, answer in answers.items() if answer is not None]
    return [event(at, f"verdict_{verdict}"), *known]


def events_of(owners: Sequence[Sequence[Event]]) -> Events:
    """The sorted events of n owners; who of an account's leads did what is not known, and their lead is -1."""
    flat = [each for events in owners for each in events]
    nobody = np.full(len(flat), -1, np.int32)
    return Events(
        starts=np.array([0, *accumulate(map(len, owners))], dtype=np.int64),
        at=np.array([each[0] for each in flat], dtype=np.int64),
        type=categorical([each[1] for each in flat]),
        channel=Categorical(nobody, ()),  # orders events; no feature reads it
        value=np.array([np.nan if each[3] else each[4] for each in flat], dtype=np.float64),
        automated=np.array([each[5] for each in flat], dtype=np.bool_),
        lead=nobody,
    )


def categorical(texts: Sequence[str | None]) -> Categorical:
    """Codes of texts, levels in the order of their first appearance."""
    levels: dict[str, int] = {}
    codes = [-1 if text is None else levels.setdefault(text, len(levels)) for text in texts]
    return Categorical(np.array(codes, dtype=np.int32), tuple(levels))
