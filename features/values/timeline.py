"""Windows over Records: the declared windows as slots of the kernel, run over the events of leads or accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import DAY, Floats, Times, integers
from features.event_types import CORE_TYPES, INTERNAL_TYPES
from features.feature import About
from features.records.records import Records
from features.values import kernels
from features.values.kernels import ANYTHING, RELATIONS, SAME_KIND, SAME_OBJECT, EventColumns, Slots
from features.values.things import NOT_COMPARED, OwnThings, ThingIndex
from features.values.windows import AGGREGATES, Scope, Window

_RELATION: dict[About, int] = {"anything": ANYTHING, "kind": SAME_KIND, "object": SAME_OBJECT}
_NOBODY = np.empty(0, np.int64)
_EVER = np.iinfo(np.int64).max // 4  # longer than any age; twice it is still an int64


@dataclass(frozen=True)
class Timeline:
    """The windows of one scope, ready for the kernel. ``kinds`` numbers the types that have windows of their own.

    ``compares`` says whether any window asks what events are about.
    """

    scope: Scope
    slots: Slots
    kinds: dict[str, int]
    compares: bool

    @classmethod
    def of(cls, windows: Sequence[Window], scope: Scope, first: int = 0) -> "Timeline":
        """The windows of one scope; ``windows`` stand in the matrix from column ``first`` on.

        Types that no window names and that are not in the core list are one kind.
        """
        columns = [column for column, window in enumerate(windows) if window.scope == scope]
        chosen = [windows[column] for column in columns]
        named = dict.fromkeys(kind for window in chosen for kind in (*window.types, *window.per_types))
        kinds = {kind: k for k, kind in enumerate(dict.fromkeys([*named, *CORE_TYPES, *INTERNAL_TYPES]))}
        slots = _slots(chosen, [*kinds, None], np.array(columns, dtype=np.int64) + first)
        return cls(scope, slots, kinds, any(window.about != "anything" for window in chosen))

    def fill(self, out: Floats, records: Records, lead_index: NDArray[np.int64], moment: Times) -> None:
        """Put the windows' values into their columns of out (n, features)."""
        lead_index, moment = integers(lead_index), integers(moment)
        if self.scope == "lead":
            events, owner, without = records.lead_events, lead_index, _NOBODY
        else:
            events, owner, without = records.account_events, integers(records.account_of[lead_index]), lead_index
        other = len(self.kinds)
        kind_of = np.array([*(self.kinds.get(level, other) for level in events.type.levels), other], dtype=np.int64)
        things = events.related.things if self.compares else ()
        index = ThingIndex.of(things)
        columns = EventColumns(
            events.starts, events.at, events.type.codes, kind_of, events.value, events.automated, events.lead,
            events.related.codes, *index.tables(things),
        )  # fmt: skip
        own = index.own(records.leads, lead_index) if self.compares else NOT_COMPARED
        self.aggregate(out, columns, owner, moment, own, without)

    def aggregate(
        self,
        out: Floats,
        events: EventColumns,
        owner: NDArray[np.int64],
        moment: Times,
        own: OwnThings = NOT_COMPARED,
        without: NDArray[np.int64] = _NOBODY,
    ) -> None:
        """The same for the events of owners (n,), without those of the leads ``without`` (n,)."""
        kernels.aggregate_windows(*events, owner, without, moment, *own, *self.slots, out)


def not_internal(kind: str | None) -> bool:
    """Whether a type is an activity."""
    return kind not in INTERNAL_TYPES


def _slots(windows: Sequence[Window], kinds: Sequence[str | None], column: NDArray[np.int64]) -> Slots:
    cells = [_members(windows, kind, relation) for kind in kinds for relation in range(RELATIONS)]
    spans = [round(window.span_days * DAY) if window.span_days else _EVER for window in windows]
    return Slots(
        bounds=np.cumsum([0, *map(len, cells)], dtype=np.int64),
        members=np.array([s for cell in cells for s in cell], dtype=np.int64),
        aggregate=np.array([AGGREGATES.index(window.aggregate) for window in windows], dtype=np.int64),
        span=np.array(spans, dtype=np.int64),
        column=column,
        about=np.array([_RELATION[window.about] for window in windows], dtype=np.int64),
        is_activity=np.array([not_internal(kind) for kind in kinds], dtype=np.int64),
    )


def _members(windows: Sequence[Window], kind: str | None, relation: int) -> list[int]:
    """The slots that an event of a type with a relation to the lead goes into, then those that it is counted per."""
    asking = [s for s, window in enumerate(windows) if _RELATION[window.about] & relation == _RELATION[window.about]]
    counted = [s for s in asking if _among(windows[s].types, kind)]
    return counted + [len(windows) + s for s in asking if windows[s].per and _among(windows[s].per_types, kind)]


def _among(types: tuple[str, ...], kind: str | None) -> bool:
    return kind in types if types else not_internal(kind)
