"""Live leads to rows of the feature matrix, in as few steps as Python allows.

Attributes and dates of a live lead are read one value at a time, by the functions that a batch calls for its distinct
values and its columns (``AttributeFeature.number``, ``CalendarFeature.values``): two ways of reading, held
bit-identical by property tests. Windows are the batch's own: the same ``Timeline`` over the same columns of events.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from features.arrays import Floats
from features.records.live_lead import Event, LiveLead
from features.records.related import NOTHING, Thing, thing
from features.values.attributes import AttributeFeature
from features.values.calendar import CALENDAR_OF
from features.values.consent import forget_live
from features.values.kernels import EventColumns
from features.values.things import ThingIndex
from features.values.timeline import Timeline
from features.view import FeatureView

_MAX_REMEMBERED = 1_000  # texts of an attribute
_LONGEST_REMEMBERED = 100  # characters
_NOBODY = np.empty(0, np.int32)


class LiveView:
    """A feature view for live leads.

    >>> from features.arrays import DAY
    >>> view = FeatureView(attributes=(), calendar=("time.lead_age",), windows=())
    >>> LiveView(view).observe([LiveLead(as_of=5 * DAY, created_at=2 * DAY)])
    array([[3.]])
    """

    def __init__(self, view: FeatureView) -> None:
        self._attributes = [_LiveAttribute(each) for each in view.attributes]
        self._calendar = [CALENDAR_OF[name] for name in view.calendar]
        self._timelines = view.timelines
        self._tracked = view.tracked
        self._without_events = np.empty((1, len(view.features)))
        for timeline in self._timelines:
            _aggregate(timeline, [()], [0], [NOTHING] if timeline.compares else [], self._without_events)

    def observe(self, leads: Sequence[LiveLead]) -> Floats:
        """What is known of leads (n, features), NaN where a value is missing."""
        out = self._without_events.repeat(len(leads), axis=0)
        for row, lead in zip(out, leads, strict=True):
            known = [each.of(lead) for each in self._attributes]
            known += [each.at(lead.created_at, lead.as_of) for each in self._calendar]
            row[: len(known)] = known
        moments = [lead.as_of for lead in leads]
        for timeline in self._timelines:
            of_lead = timeline.scope == "lead"
            events = [lead.events if of_lead else lead.account_events for lead in leads]
            own = [_thing(lead) for lead in leads] if timeline.compares else []
            if any(events) or any(each != NOTHING for each in own):
                _aggregate(timeline, events, moments, own, out)
        forget_live(out, self._tracked, leads)
        return out


def _thing(lead: LiveLead) -> Thing:
    return thing(*(lead.lead.get(name) for name in ("related_to", "related_kind", "campaign")))


def _aggregate(
    timeline: Timeline,
    owners: Sequence[Sequence[Event]],
    moments: Sequence[int],
    own: Sequence[Thing],
    out: Floats,
) -> None:
    """Put the windows over the events of n owners into out (n, features); ``own`` is empty where none compares."""
    flat = [each for events in owners for each in events]
    kinds, other = timeline.kinds, len(timeline.kinds)  # types without windows of their own are one more kind
    things = {each: code for code, each in enumerate(dict.fromkeys(event[2] for event in flat))} if own else {}
    index = ThingIndex.of([*things])
    objects, kinds_of_objects = index.tables([*things])
    columns = EventColumns(
        starts=np.array([0, *accumulate(map(len, owners))], np.int64),
        at=np.array([each[0] for each in flat], np.int64),
        type=np.array([kinds.get(each[1], other) for each in flat], np.int32),
        kind_of=np.arange(other + 1),
        value=np.array([np.nan if each[3] else each[4] for each in flat], np.float64),
        automated=np.array([each[5] for each in flat], np.uint8),
        lead=_NOBODY,
        thing=np.array([things[each[2]] for each in flat] if own else [], np.int32),
        object_of=objects,
        object_kind_of=kinds_of_objects,
    )
    timeline.aggregate(out, columns, np.arange(len(owners)), np.array(moments, np.int64), index.codes(own))


class _LiveAttribute:
    """One attribute of leads or accounts; the numbers of texts, of which there are few, are kept."""

    def __init__(self, attribute: AttributeFeature) -> None:
        self._of_lead = attribute.table == "leads"
        self._name = attribute.name
        self._number = attribute.number
        self._numbers: dict[str, float] = {}

    def of(self, lead: LiveLead) -> float:
        """The attribute's number; NaN where it is not known."""
        part: Mapping[str, Any] = lead.lead if self._of_lead else lead.account
        value = part.get(self._name)
        if value is None:
            return np.nan
        if not isinstance(value, str):
            return self._number(value)
        number = self._numbers.get(value)
        if number is None:
            number = self._number(value)
            if len(value) <= _LONGEST_REMEMBERED:
                if len(self._numbers) >= _MAX_REMEMBERED:
                    self._numbers.clear()
                self._numbers[value] = number
        return number
