"""Windows over Records: the declared windows as slots of the kernel, run over the events of leads or accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import DAY, Floats, Times, integers
from features.event_types import CORE_TYPES, INTERNAL_TYPES
from features.records.records import Records
from features.values import kernels
from features.values.kernels import EventColumns, Slots
from features.values.windows import AGGREGATES, Scope, Window

_NOBODY = np.empty(0, np.int64)
_EVER = np.iinfo(np.int64).max // 4  # longer than any age; twice it is still an int64


@dataclass(frozen=True)
class Timeline:
    """The windows of one scope, ready for the kernel. ``kinds`` numbers the types that have windows of their own."""

    scope: Scope
    slots: Slots
    kinds: dict[str, int]

    @classmethod
    def of(cls, windows: Sequence[Window], scope: Scope, first: int = 0) -> "Timeline":
        """The windows of one scope; ``windows`` stand in the matrix from column ``first`` on.

        Types that no window names and that are not in the core list are one kind.
        """
        columns = [column for column, window in enumerate(windows) if window.scope == scope]
        chosen = [windows[column] for column in columns]
        named = dict.fromkeys(kind for window in chosen for kind in window.types)
        kinds = {kind: k for k, kind in enumerate(dict.fromkeys([*named, *CORE_TYPES, *INTERNAL_TYPES]))}
        rows = [
            [s for s, window in enumerate(chosen) if (kind in window.types if window.types else not_internal(kind))]
            for kind in [*kinds, None]
        ]
        return cls(scope, _slots(chosen, rows, np.array(columns, dtype=np.int64) + first), kinds)

    def fill(self, out: Floats, records: Records, lead_index: NDArray[np.int64], moment: Times) -> None:
        """Put the windows' values into their columns of out (n, features)."""
        lead_index, moment = integers(lead_index), integers(moment)
        if self.scope == "lead":
            events, owner, without = records.lead_events, lead_index, _NOBODY
        else:
            events, owner, without = records.account_events, integers(records.account_of[lead_index]), lead_index
        other = len(self.kinds)
        kind_of = np.array([*(self.kinds.get(level, other) for level in events.type.levels), other], dtype=np.int64)
        columns = EventColumns(
            events.starts, events.at, events.type.codes, kind_of, events.value, events.automated, events.lead
        )
        self.aggregate(out, columns, owner, moment, without)

    def aggregate(
        self,
        out: Floats,
        events: EventColumns,
        owner: NDArray[np.int64],
        moment: Times,
        without: NDArray[np.int64] = _NOBODY,
    ) -> None:
        """The same for the events of owners (n,), without those of the leads ``without`` (n,)."""
        kernels.aggregate_windows(*events, owner, without, moment, *self.slots, out)


def not_internal(kind: str | None) -> bool:
    """Whether a type is an activity."""
    return kind not in INTERNAL_TYPES


def _slots(windows: Sequence[Window], rows: Sequence[Sequence[int]], column: NDArray[np.int64]) -> Slots:
    spans = [round(window.span_days * DAY) if window.span_days else _EVER for window in windows]
    return Slots(
        bounds=np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64),
        members=np.array([s for row in rows for s in row], dtype=np.int64),
        aggregate=np.array([AGGREGATES.index(window.aggregate) for window in windows], dtype=np.int64),
        span=np.array(spans, dtype=np.int64),
        column=column,
    )
