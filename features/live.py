"""Requests to rows of the feature matrix, in as few steps as Python allows.

The values come from the same functions as a batch's: a cell from its AttributeFeature, a date from its CalendarFeature,
the windows from the compiled kernel. Only the way to them is shorter: no columns of one value, no vocabulary of levels.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.arrays import NO_TIME, Floats
from features.records.request import ACCOUNT_KEYS, LEAD_KEYS, Event, LeadRequest, sorted_events
from features.values import kernels
from features.values.attributes import AttributeFeature
from features.values.calendar import CALENDAR_OF
from features.values.kernels import NOBODY
from features.values.timeline import Timeline
from features.view import FeatureView

_ONE = np.zeros(1, np.int64)
_REMEMBERED = 10_000  # texts of an attribute
_NOTHING: Mapping[str, Any] = {}


class LiveView:
    """A feature view for requests that hold no changes of attributes."""

    def __init__(self, view: FeatureView) -> None:
        self._attributes = [_Attribute(each) for each in view.attributes]
        self._calendar = [CALENDAR_OF[name] for name in view.calendar]
        self._width = len(view.features)
        self._own, self._others = (_LiveTimeline.of(view, scope) for scope in ("lead", "account"))

    def observe(self, requests: Sequence[LeadRequest], events: Sequence[Sequence[Event]]) -> Floats:
        """What is known of leads (n, features), NaN where a value is missing; ``events`` are their ``lead_events``."""
        out = np.empty((len(requests), self._width))
        for i, (request, own) in enumerate(zip(requests, events, strict=True)):
            self._observe(request, own, out[i : i + 1])
        return out

    def _observe(self, request: LeadRequest, events: Sequence[Event], out: Floats) -> None:
        lead, account = request["lead"], request.get("account") or _NOTHING
        created, moment = lead.get("created_at"), request["as_of"]
        known = [each.of(lead if each.of_lead else account) for each in self._attributes]
        known += [each.at(NO_TIME if created is None else created, moment) for each in self._calendar]
        out[0, : len(known)] = known
        self._own.fill(out, events, moment)
        self._others.fill(out, sorted_events(account.get("activities") or ()), moment)


def has_changes(request: LeadRequest) -> bool:
    """Whether attributes of the request take their values from their changes, which LiveView does not read."""
    return bool(request.get("changes") or request.get("account_changes"))


class _Attribute:
    """One attribute of leads or accounts; the numbers of texts, of which there are few, are kept."""

    def __init__(self, attribute: AttributeFeature) -> None:
        self.of_lead = attribute.table == "leads"
        reserved = attribute.name in (LEAD_KEYS if self.of_lead else ACCOUNT_KEYS)
        self._name = "" if reserved else attribute.name
        self._number = attribute.number
        self._numbers: dict[str, float] = {}

    def of(self, part: Mapping[str, Any]) -> float:
        """The attribute's number in what a request says of the lead or the account."""
        value = part.get(self._name)
        if value is None:
            return np.nan
        if not isinstance(value, str):
            return self._number(value)
        number = self._numbers.get(value)
        if number is None:
            if len(self._numbers) > _REMEMBERED:
                self._numbers.clear()
            number = self._numbers[value] = self._number(value)
        return number


class _LiveTimeline:
    """The windows of one scope. Without events all leads get the same values, which are kept."""

    def __init__(self, timeline: Timeline | None, width: int) -> None:
        self._timeline = timeline
        if timeline is None:
            return
        slots = timeline.slots
        self._kinds, self._other = timeline.kinds, len(timeline.kinds)
        self._kind_of = np.arange(self._other + 1, dtype=np.int64)
        self._slots = (slots.bounds, slots.members, slots.aggregate, slots.span, slots.column)
        self._skipped = np.full(1, NOBODY, np.int64)
        without = np.empty((1, width))
        self._run(without, (), 0)
        self._columns, self._without = slots.column, without[0, slots.column]

    @classmethod
    def of(cls, view: FeatureView, scope: str) -> "_LiveTimeline":
        """The timeline of a scope, which the view may not have."""
        found = [timeline for timeline in view.timelines if timeline.scope == scope]
        return cls(found[0] if found else None, len(view.features))

    def fill(self, out: Floats, events: Sequence[Event], moment: int) -> None:
        """Put the windows' values into their columns of out (1, features)."""
        if self._timeline is None:
            return
        if events:
            self._run(out, events, moment)
        else:
            out[0, self._columns] = self._without

    def _run(self, out: Floats, events: Sequence[Event], moment: int) -> None:
        kinds, other, count = self._kinds, self._other, len(events)
        kernels.aggregate_windows(
            np.array([0, count], np.int64),
            np.array([event[0] for event in events], np.int64),
            np.array([kinds.get(event[1], other) for event in events], np.int32),
            self._kind_of,
            np.array([np.nan if event[3] else event[4] for event in events], np.float64),
            np.array([event[5] for event in events], np.bool_),
            np.zeros(count, np.int32),
            _ONE, self._skipped, np.array([moment], np.int64), *self._slots, out,
        )  # fmt: skip
