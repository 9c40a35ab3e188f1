"""Rows of events in the order of their buckets, batch by batch, in memory up to a limit and then in a spill file."""

from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

import numpy as np
from numpy.typing import NDArray

from features.records.grouping import ROW, Rows


@dataclass
class _Batch:
    """One batch: ``bounds`` (buckets + 1,) in ``rows``, or in the file from row ``offset`` on where rows is None."""

    bounds: NDArray[np.int64]
    rows: Rows | None
    offset: int = 0


class SpilledEvents:
    """Collects batches and gives back the rows of one bucket; any number of threads may read at once.

    The file has no name, so that nothing of it is left however the process ends.
    """

    def __init__(self, buckets: int, in_memory: int) -> None:
        """``in_memory`` is how many bytes of rows may stay in memory; beyond it a temporary file holds them all."""
        self._limit = in_memory
        self._batches: list[_Batch] = []
        self._held = 0
        self._written = 0
        self._file: IO[bytes] | None = None
        self._reading = Lock()
        self.sizes = np.zeros(buckets, np.int64)

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()

    def add(self, rows: Rows, bounds: NDArray[np.int64]) -> None:
        """Take a batch whose bucket b is ``rows[bounds[b]:bounds[b + 1]]``."""
        if not bounds[-1]:
            return
        self._batches.append(_Batch(bounds, rows[: bounds[-1]]))
        self.sizes += np.diff(bounds)
        self._held += int(bounds[-1]) * ROW.itemsize
        if self._held > self._limit:
            self._spill()

    def _spill(self) -> None:
        self._file = self._file or TemporaryFile(prefix="whylead-")  # noqa: SIM115 - see close
        for batch in self._batches:
            if batch.rows is not None:
                self._file.write(batch.rows.view(np.uint8).data)
                batch.rows, batch.offset = None, self._written
                self._written += int(batch.bounds[-1])
        self._held = 0

    def rows(self, bucket: int, out: Rows) -> Rows:
        """The rows of a bucket, in any order, at the beginning of ``out``."""
        out = out[: self.sizes[bucket]]
        filled = 0
        for batch in self._batches:
            begin, end = int(batch.bounds[bucket]), int(batch.bounds[bucket + 1])
            self._read(batch, begin, out[filled : filled + end - begin])
            filled += end - begin
        return out

    def _read(self, batch: _Batch, begin: int, out: Rows) -> None:
        if batch.rows is not None:
            out[:] = batch.rows[begin : begin + out.size]
        elif self._file is not None:
            with self._reading:
                self._file.seek((batch.offset + begin) * ROW.itemsize)
                self._file.readinto(out.view(np.uint8).data)  # type: ignore[attr-defined] # the file is a binary one
