"""A row filter: rejects rows of one chunk, one reason at a time, each once and without personal data."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipelines.importing.cells import text
from pipelines.importing.chunk import Chunk, Mask
from pipelines.importing.rejects import Rejects, quoted


class RowFilter:
    """The rows of ``chunk`` that are still in (``alive``) on their way into ``table``."""

    def __init__(self, table: str, chunk: Chunk, personal: Sequence[str], rejects: Rejects) -> None:
        self.table = table
        self.chunk = chunk
        self.alive: Mask = np.ones(len(chunk), dtype=bool)
        self._personal = [name for name in personal if name in chunk.columns]
        self._rejects = rejects

    def reject(
        self,
        bad: Mask,
        column: str,
        reason: str,
        cells: pa.Array | None = None,
        expected: str = "",
        *,
        counted: bool = True,
    ) -> None:
        """Reject the rows of ``bad``; ``{}`` in the reason becomes the row's cell."""
        bad = bad & self.alive
        if not bad.any():
            return
        self.alive &= ~bad
        picked = pa.array(np.flatnonzero(bad))
        shown = text(cells).take(picked).to_pylist() if cells is not None else [""] * len(picked)
        reasons = [reason.format(quoted(cell)) for cell in shown]
        rows = self.chunk.rows[bad]
        names = self._names(picked)
        self._rejects.add(self.table, self.chunk.file, rows, column, reasons, expected, names=names, counted=counted)

    def drop(self, unwanted: Mask) -> None:
        """Leave rows out without a word."""
        self.alive &= ~unwanted

    def _names(self, picked: pa.Array) -> list[list[str]]:
        columns = [text(self.chunk.columns[name]).take(picked).to_pylist() for name in self._personal]
        return [[cell for cell in row if cell] for row in zip(*columns, strict=True)] or [[]] * len(picked)
