"""Windows over Records: the declared windows as slots of the kernel, run over the events of leads or accounts."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features import kernels
from features.kernels import NOBODY, Slots
from features.records import DAY, Events, Floats, Records, Times
from features.windows import AGGREGATES, INTERNAL_TYPES, Scope, Window

THREADS = 2
ROWS_PER_THREAD = 20_000
_EVER = np.iinfo(np.int64).max // 4  # longer than any age; twice it is still an int64


@dataclass(frozen=True)
class Timeline:
    """The windows of one scope, ready for the kernel. ``kinds`` numbers the types that have windows of their own."""

    scope: Scope
    slots: Slots
    kinds: dict[str, int]

    @classmethod
    def of(cls, windows: Sequence[Window], scope: Scope) -> "Timeline":
        """The windows of one scope; the kinds beyond the named types are internal events and other activities."""
        chosen = [window for window in windows if window.scope == scope]
        named = dict.fromkeys(kind for window in chosen for kind in window.types)
        kinds = {kind: k for k, kind in enumerate(dict.fromkeys([*named, *INTERNAL_TYPES]))}
        rows = [
            [s for s, window in enumerate(chosen) if (kind in window.types if window.types else not_internal(kind))]
            for kind in [*kinds, None]
        ]
        return cls(scope, _slots(chosen, rows), kinds)

    def compute(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Floats:
        """The windows' values (n, windows)."""
        own = self.scope == "lead"
        events = records.lead_events if own else records.account_events
        owner = lead_index if own else records.account_of[lead_index].astype(np.int64)
        skipped = np.full(lead_index.size, NOBODY, np.int64) if own else lead_index
        out = np.empty((lead_index.size, self.slots.aggregate.size))
        if not self.slots.aggregate.size:
            return out
        kind_of = self._kind_of(events)

        def run(rows: slice) -> None:
            kernels.aggregate_windows(
                events.starts, events.at, events.type.codes, kind_of, events.value, events.automated, events.lead,
                owner[rows], skipped[rows], moment[rows],
                self.slots.bounds, self.slots.members, self.slots.aggregate, self.slots.span, out[rows],
            )  # fmt: skip

        _in_threads(run, lead_index.size)
        return out

    def _kind_of(self, events: Events) -> NDArray[np.int64]:
        other = len(self.kinds)
        return np.array([*(self.kinds.get(level, other) for level in events.type.levels), other], dtype=np.int64)


def not_internal(kind: str | None) -> bool:
    """Whether a type is an activity."""
    return kind not in INTERNAL_TYPES


def _slots(windows: Sequence[Window], rows: Sequence[Sequence[int]]) -> Slots:
    spans = [round(window.span_days * DAY) if window.span_days else _EVER for window in windows]
    return Slots(
        bounds=np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64),
        members=np.array([s for row in rows for s in row], dtype=np.int64),
        aggregate=np.array([AGGREGATES.index(window.aggregate) for window in windows], dtype=np.int64),
        span=np.array(spans, dtype=np.int64),
    )


def _in_threads(run: Callable[[slice], None], n: int) -> None:
    if n <= ROWS_PER_THREAD:
        run(slice(0, n))
        return
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, [slice(i, i + ROWS_PER_THREAD) for i in range(0, n, ROWS_PER_THREAD)]))
