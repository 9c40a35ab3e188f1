"""Events in buckets of neighbouring owners, each bucket grouped by owner and in order when it is wanted."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data_contracts.threads import each_of
from features.records.grouping import ROW, Rows, group
from features.records.records import Categorical, Events
from features.records.related import Related
from pipelines.tables.events import Vocabulary
from pipelines.tables.spilled_events import SpilledEvents


class _Scratch(threading.local):
    """Two arrays per thread, kept from bucket to bucket: new memory costs more than what is done in it."""

    def __init__(self) -> None:
        self._arrays = np.empty(0, ROW), np.empty(0, ROW)

    def of_size(self, rows: int) -> tuple[Rows, Rows]:
        """The arrays, at least so many rows long."""
        if self._arrays[0].size < rows:
            self._arrays = np.empty(rows * 5 // 4, ROW), np.empty(rows * 5 // 4, ROW)
        return self._arrays


@dataclass(frozen=True)
class GroupedEvents:
    """The buckets of a stream of events; any number of threads may load them."""

    events: SpilledEvents
    words: Vocabulary
    scratch: _Scratch = field(default_factory=_Scratch)

    def load(self, buckets: Sequence[int], bounds: NDArray[np.int64], threads: int) -> Events:
        """The events of consecutive buckets; the owners of the k-th are ``bounds[k]`` to ``bounds[k + 1]``."""
        places = np.concatenate([[0], np.cumsum(self.events.sizes[buckets])])
        total = int(places[-1])
        starts = np.empty(bounds[-1] - bounds[0] + 1, np.int64)
        at, value = np.empty(total, np.int64), np.empty(total)
        kind, related, lead = (np.empty(total, np.int32) for _ in range(3))
        automated = np.empty(total, np.uint8)

        def fill(number: int) -> None:
            inside = slice(places[number], places[number + 1])
            owners = slice(bounds[number] - bounds[0], bounds[number + 1] - bounds[0])
            rows, spare = self.scratch.of_size(int(places[number + 1] - places[number]))
            group(
                self.events.rows(buckets[number], rows), spare, int(bounds[number]), starts[owners],
                at[inside], kind[inside], related[inside], value[inside], automated[inside], lead[inside],
            )  # fmt: skip
            starts[owners] += places[number]

        each_of(fill, range(len(buckets)), threads)
        starts[-1] = total
        types, things = Categorical(kind, self.words.kinds), Related(related, self.words.things)
        return Events(starts, at, types, things, value, automated, lead)
