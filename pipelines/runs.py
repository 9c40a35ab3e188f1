"""Runs: rows of events in the order of their buckets, batch by batch, in memory up to a limit and then in a file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.grouping import ROW, Rows


@dataclass
class _Run:
    """One batch: ``bounds`` (buckets + 1,) in ``rows``, or in the file from row ``offset`` on where rows is None."""

    bounds: NDArray[np.int64]
    rows: Rows | None
    offset: int = 0


class Runs:
    """Collects batches and gives back the rows of one bucket; any number of threads may read at once."""

    def __init__(self, file: Path, buckets: int, in_memory: int) -> None:
        """``in_memory`` is how many bytes of rows may stay in memory; beyond it ``file`` holds them all."""
        self._file = file
        self._limit = in_memory
        self._runs: list[_Run] = []
        self._held = 0
        self._written = 0
        self.sizes = np.zeros(buckets, np.int64)

    def add(self, rows: Rows, bounds: NDArray[np.int64]) -> None:
        """Take a batch whose bucket b is ``rows[bounds[b]:bounds[b + 1]]``."""
        if not bounds[-1]:
            return
        self._runs.append(_Run(bounds, rows[: bounds[-1]]))
        self.sizes += np.diff(bounds)
        self._held += int(bounds[-1]) * ROW.itemsize
        if self._held > self._limit:
            self._spill()

    def _spill(self) -> None:
        with self._file.open("ab") as file:
            for run in self._runs:
                if run.rows is not None:
                    run.rows.tofile(file)
                    run.rows, run.offset = None, self._written
                    self._written += int(run.bounds[-1])
        self._held = 0

    @property
    def spilled(self) -> bool:
        """Whether anything is in the file."""
        return self._written > 0

    def rows(self, bucket: int) -> Rows:
        """The rows of a bucket, in any order."""
        found = [self._part(run, int(run.bounds[bucket]), int(run.bounds[bucket + 1])) for run in self._runs]
        return np.concatenate(found) if found else np.empty(0, ROW)

    def _part(self, run: _Run, begin: int, end: int) -> Rows:
        if run.rows is not None:
            return run.rows[begin:end]
        return np.fromfile(self._file, ROW, end - begin, offset=(run.offset + begin) * ROW.itemsize)
