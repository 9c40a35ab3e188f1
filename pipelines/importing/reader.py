"""One file as chunks, whatever its format: wanted columns only, blank rows left out, unreadable rows told apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_contracts.mapping.mapping import Source
from data_contracts.wording import counted
from pipelines.importing import csv_reader, parquet_reader, sheet_reader
from pipelines.importing.chunk import Chunk, composed, flat
from pipelines.importing.files import file_format
from pipelines.workspace.bounds import USUAL, Bounds

CHUNK, CHUNK_BYTES = 50_000, 32_000_000  # rows that are converted at once, or fewer where their cells are large
PIECE = 1_000  # rows that are split into cells at once: few enough to stay in the processor's cache

Faults: TypeAlias = dict[str, dict[int, str]]  # column ("" for the row as a whole): {number of a row: why}


@dataclass(frozen=True)
class Parsed:
    """A chunk without ragged rows, whose cells that are not text are null, and what was wrong with its rows."""

    chunk: Chunk
    _faults: Faults = field(default_factory=dict)

    def faults(self, wanted: Sequence[str]) -> Faults:
        """The first fault of each row that cannot be read by whom wants these columns."""
        seen: set[int] = set()
        faults: Faults = {}
        for column in ("", *wanted) if self._faults else ():
            faults[column] = {row: why for row, why in self._faults.get(column, {}).items() if row not in seen}
            seen |= faults[column].keys()
        return {column: rows for column, rows in faults.items() if rows}

    def readable(self, faults: Faults) -> Chunk:
        """The rows without faults."""
        damaged = [row for column, rows in faults.items() if column for row in rows]
        return self.chunk.keep(~np.isin(self.chunk.rows, damaged)) if damaged else self.chunk


def column_names(path: Path, source: Source, bounds: Bounds = USUAL) -> list[str]:
    """The names of a file's columns. Raises FileError where it has none that can be read, or too many."""
    match file_format(path, source):
        case "parquet":
            return parquet_reader.read_names(path, bounds)
        case "excel":
            rows = sheet_reader.read_sheet(path, source, bounds, keep=True)
            return csv_reader.header_of(rows, path, source, bounds)
        case _:
            return csv_reader.read_header(path, source, bounds)


def read_chunks(path: Path, source: Source, wanted: list[str], bounds: Bounds = USUAL) -> Iterator[Parsed]:
    """Chunks of the wanted columns, all of which the file has. ``ordinals`` count its rows below the header from 1.

    Raises FileError where the file is damaged or beyond a bound.
    """
    kind = file_format(path, source)
    if kind == "parquet":
        yield from _parquet_chunks(path, wanted, bounds)
        return
    if kind == "excel":
        rows = sheet_reader.read_sheet(path, source, bounds)
        header = csv_reader.header_of(rows, path, source, bounds)
        below = rows[source.skip + 1 :]
        pieces = iter([below[i : i + PIECE] for i in range(0, len(below), PIECE)])
    else:
        header = csv_reader.read_header(path, source, bounds)
        pieces = csv_reader.read_rows(path, source, PIECE, bounds)
    cells = _Cells(path.name, header, wanted, first=source.skip + 2, excel=kind == "excel")
    for piece in pieces:
        cells.add(piece)
        if cells.count >= CHUNK or cells.bytes >= CHUNK_BYTES:
            yield cells.take()
    if cells.count:
        yield cells.take()


def _parquet_chunks(path: Path, wanted: list[str], bounds: Bounds) -> Iterator[Parsed]:
    before = 0
    for length, columns in parquet_reader.read_batches(path, wanted, bounds):
        numbers = np.arange(before + 1, before + length + 1)
        yield Parsed(Chunk(path.name, numbers, numbers, columns))
        before += length


class _Cells:
    """Collects the rows of a file, piece by piece, into one chunk after the other."""

    def __init__(self, file: str, header: list[str], wanted: list[str], *, first: int, excel: bool) -> None:
        self.count = self.bytes = 0  # rows since the last chunk, those left out included, and what their cells take
        self._file, self._header, self._excel = file, header, excel
        self._first, self._next = first, first
        positions = {name: position for position, name in reversed(list(enumerate(header)))}
        self._positions = {name: positions[name] for name in wanted}
        self._clear()

    def add(self, rows: csv_reader.Rows) -> None:
        """Add consecutive rows."""
        numbers = range(self._next, self._next + len(rows))
        if self._excel or any(len(row) != len(self._header) for row in rows):
            good = [number for number, row in zip(numbers, rows, strict=True) if self._is_good(number, row)]
            rows = [rows[number - self._next] for number in good]
            self._numbers.append(np.array(good, dtype=np.int64))
        else:
            self._numbers.append(np.arange(numbers.start, numbers.stop))
        for name, position in self._positions.items():
            array = self._array(name, [row[position] for row in rows])
            self._columns[name].append(array)
            self.bytes += array.nbytes
        self._next = numbers.stop
        self.count += len(numbers)

    def take(self) -> Parsed:
        """The rows since the last chunk."""
        numbers = np.concatenate(self._numbers)
        columns = {name: composed(flat(pa.chunked_array(parts, pa.string()))) for name, parts in self._columns.items()}
        parsed = Parsed(Chunk(self._file, numbers, numbers - self._first + 1, columns, self._excel), self._faults)
        self._clear()
        return parsed

    def _clear(self) -> None:
        self.count = self.bytes = 0
        self._numbers: list[NDArray[np.int64]] = []
        self._columns: dict[str, list[pa.Array]] = {name: [] for name in self._positions}
        self._faults: Faults = {}

    def _is_good(self, number: int, row: list[str]) -> bool:
        """Whether a row has as many cells as the header; one that is not blank is at fault if it has not.

        In sheets, whose formats reach further than their data, a row of empty cells is blank.
        """
        width = len(self._header)
        blank = not any(row) if self._excel else not row
        if not blank and len(row) != width and not csv_reader.is_blank(row):
            self._faults.setdefault("", {})[number] = f"the row has {counted(len(row), 'cell')}, the header has {width}"
        return not blank and len(row) == width

    def _array(self, name: str, cells: list[str]) -> pa.Array:
        try:
            array = pa.array(cells, pa.string())
            if not pc.any(pc.match_substring(array, "\0")).as_py():
                return array
        except UnicodeEncodeError:
            pass
        why = [csv_reader.bad_text(cell) for cell in cells]
        numbers = self._numbers[-1].tolist()
        faults = {number: reason for number, reason in zip(numbers, why, strict=True) if reason}
        self._faults.setdefault(name, {}).update(faults)
        return pa.array([None if reason else cell for cell, reason in zip(cells, why, strict=True)], pa.string())
