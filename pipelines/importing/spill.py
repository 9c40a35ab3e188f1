"""Converted rows that wait on disk until their table's turn comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.importing.chunk import Chunk
from pipelines.importing.rejects import Rejects

ROW = "$row"


@dataclass(frozen=True)
class Piece:
    """The rows of one chunk that became rows of a table, the chunk's rows they are from, and what was rejected."""

    rows: pa.Table
    origin: Chunk  # without columns
    rejects: Rejects
    read: int  # rows of the source


class Spill:
    """Pieces of one block in the order in which they were added."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._writer = pa.ipc.new_file(path, schema.append(pa.field(ROW, pa.int64())), options=options)
        self._rest: list[tuple[str, Rejects, int]] = []

    def add(self, piece: Piece) -> None:
        """Write a piece."""
        numbered = piece.rows.append_column(ROW, pa.array(piece.origin.rows))
        self._writer.write_batch(pa.RecordBatch.from_arrays(
            [column.combine_chunks() for column in numbered.columns], schema=numbered.schema
        ))  # fmt: skip
        self._rest.append((piece.origin.file, piece.rejects, piece.read))

    def pieces(self) -> Iterator[Piece]:
        """All pieces, once: the file is deleted afterwards."""
        self._writer.close()
        with pa.ipc.open_file(pa.memory_map(str(self._path))) as reader:
            for number, (file, rejects, read) in enumerate(self._rest):
                rows = pa.Table.from_batches([reader.get_batch(number)])
                numbers = rows.column(ROW).to_numpy()
                yield Piece(rows.drop_columns(ROW), Chunk(file, numbers, np.zeros_like(numbers), {}), rejects, read)
        self._path.unlink()
