"""A lead as a live request describes it: values as they came, and events in the order of the batch loader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from features.arrays import NO_TIME
from features.records.related import NOTHING, Thing

# at, type, what it is about, has no value, value (0 none), automated: in this order events of one time are sorted
Event: TypeAlias = tuple[int, str, Thing, bool, float, int]


@dataclass(frozen=True)
class LiveLead:
    """One lead at the moment ``as_of``. Times are int64 microseconds since 1970 UTC.

    ``lead`` and ``account`` (empty where there is none) hold canonical columns and attributes, each a text, number,
    flag or None. A field that leads have is in ``lead`` also where this one has no value of it: its account's value
    does not stand in for it. ``events`` are what the lead did and what sales answered, ``account_events`` what the
    other leads of its account did and became, each sorted.
    """

    as_of: int
    lead_id: str | None = None
    created_at: int = int(NO_TIME)
    lead: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    account_events: Sequence[Event] = ()


def event(at: int, kind: str, related: Thing = NOTHING, value: float | None = None, automated: int = 0) -> Event:
    """An event; a value that is None or NaN is none, ``automated`` is as in ``Events``."""
    if value is None or value != value:
        return at, kind, related, True, 0.0, automated
    return at, kind, related, False, float(value), automated


def answer_events(at: int, verdict: str, answers: Mapping[str, float | None]) -> list[Event]:
    """The events of a disposition: its verdict, and each answer (``bant_budget`` ...) that is known."""
    known = [event(at, kind, value=float(answer)) for kind, answer in answers.items() if answer is not None]
    return [event(at, f"verdict_{verdict}"), *known]
