"""One file as chunks, whatever its format: wanted columns only, blank rows left out, unreadable rows set aside."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_contracts.mapping import Source
from pipelines.importing import csv_reader, parquet_reader, sheet_reader
from pipelines.importing.chunk import Chunk, Mask
from pipelines.importing.files import file_format

# Called with the numbers of rows that cannot be read, the columns they fail in, and why.
SetAside: TypeAlias = Callable[[list[int], list[str], list[str]], None]


def column_names(path: Path, source: Source) -> list[str]:
    """The names of a file's columns. Raises FileError where it has none that can be read."""
    match file_format(path, source):
        case "parquet":
            return parquet_reader.read_names(path)
        case "excel":
            return csv_reader.header_of(sheet_reader.read_sheet(path, source), path, source)
        case _:
            return csv_reader.read_header(path, source)


def read_chunks(path: Path, source: Source, wanted: list[str], set_aside: SetAside) -> Iterator[Chunk]:
    """Chunks of the wanted columns, all of which the file has. ``ordinals`` count its rows below the header from 1."""
    kind = file_format(path, source)
    if kind == "parquet":
        yield from _parquet_chunks(path, wanted)
        return
    if kind == "excel":
        rows = sheet_reader.read_sheet(path, source)
        parts: Iterator[tuple[int, csv_reader.Rows]] = iter([(source.skip + 2, rows[source.skip + 1 :])])
        header = csv_reader.header_of(rows, path, source)
    else:
        header = csv_reader.read_header(path, source)
        parts = csv_reader.read_rows(path, source)
    for first, part in parts:
        chunk = _text_chunk(path, header, wanted, first, part, set_aside, excel=kind == "excel")
        yield replace(chunk, ordinals=chunk.rows - source.skip - 1)


def _parquet_chunks(path: Path, wanted: list[str]) -> Iterator[Chunk]:
    before = 0
    for length, columns in parquet_reader.read_batches(path, wanted):
        numbers = np.arange(before + 1, before + length + 1)
        yield Chunk(path.name, numbers, numbers, columns)
        before += length


def _text_chunk(
    path: Path,
    header: list[str],
    wanted: list[str],
    first: int,
    part: csv_reader.Rows,
    set_aside: SetAside,
    *,
    excel: bool,
) -> Chunk:
    numbers = np.arange(first, first + len(part))
    lengths = np.fromiter(map(len, part), dtype=np.int64, count=len(part))
    blank = _blank(part, lengths, header, excel=excel)
    good = lengths == len(header)
    ragged = ~good & ~blank
    set_aside(
        numbers[ragged].tolist(),
        [""] * int(ragged.sum()),
        [f"the row has {n} cells, the header has {len(header)}" for n in lengths[ragged]],
    )
    keep = good & ~blank
    cells = part if keep.all() else [part[i] for i in np.flatnonzero(keep)]
    numbers = numbers[keep]
    by_column: list[tuple[str, ...]] = list(zip(*cells, strict=True)) if cells else [()] * len(header)
    columns, readable = _arrays(by_column, header, wanted, numbers, set_aside)
    return Chunk(path.name, numbers, numbers, columns, excel).keep(readable)


def _blank(part: csv_reader.Rows, lengths: NDArray[np.int64], header: list[str], *, excel: bool) -> Mask:
    """Rows without any cell, and in sheets (whose formats reach further than their data) rows of empty cells."""
    blank: Mask = lengths == 0
    short = np.flatnonzero((lengths == 1) if len(header) > 1 else lengths < 0)
    blank[[i for i in short if not part[i][0].strip()]] = True
    if excel:
        blank |= np.fromiter((not any(row) for row in part), dtype=bool, count=len(part))
    return blank


def _arrays(
    by_column: list[tuple[str, ...]],
    header: list[str],
    wanted: list[str],
    numbers: NDArray[np.int64],
    set_aside: SetAside,
) -> tuple[dict[str, pa.Array], Mask]:
    readable = np.ones(len(numbers), dtype=bool)
    columns = {}
    for name in wanted:
        cells = by_column[header.index(name)]
        try:
            array = pa.array(cells, pa.string())
            suspect = pc.any(pc.match_substring(array, "\0")).as_py()
        except UnicodeEncodeError:
            suspect = True
        if suspect:
            why = [csv_reader.bad_text(cell) for cell in cells]
            bad = [i for i, reason in enumerate(why) if reason and readable[i]]
            set_aside([int(numbers[i]) for i in bad], [name] * len(bad), [why[i] for i in bad])
            readable[bad] = False
            array = pa.array([None if reason else cell for cell, reason in zip(cells, why, strict=True)], pa.string())
        columns[name] = array
    return columns, readable
