"""Where the table of a file stands: encoding, delimiter, sheets, and the lines above the header."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from data_contracts.mapping.mapping import Source
from pipelines.drafting.encodings import told_encoding
from pipelines.importing.chunk import filled
from pipelines.importing.csv_reader import DELIMITERS, UTF_8, Rows, first_bytes, looks_like_header, marked_encoding
from pipelines.importing.files import format_by_ending
from pipelines.importing.sheet_reader import read_sheet, sheet_names
from pipelines.workspace.bounds import Bounds

SNIFF = 1 << 18  # bytes
LINES = 200  # that are looked at
ABOVE = 20  # lines that may stand above a header
BELOW = 20  # rows that may stand below a table, such as totals and notices
SPARSE = 0.3  # of the usual number of filled cells: rows with fewer are not of the table
SEP = re.compile(r"^\"?sep=(.)\"?,*;*$")  # Excel's own line about the delimiter


def layouts(path: Path, bounds: Bounds) -> Iterator[Source]:
    """How to read each table of a file; a workbook has one for each sheet that holds a table."""
    match format_by_ending(path):
        case "csv":
            yield _source(path, **_of_text(path))
        case "excel":
            yield from _of_sheets(path, bounds)
        case _:
            yield _source(path)


def _source(path: Path, **keys: Any) -> Source:  # noqa: ANN401 - what the mapping's language has
    return Source.model_validate({"file": path.name, **keys})


def _of_sheets(path: Path, bounds: Bounds) -> Iterator[Source]:
    names = sheet_names(path, bounds)
    found = 0
    for name in names:
        keys = {} if name == names[0] else {"sheet": name}
        rows = read_sheet(path, _source(path, **keys), bounds, keep=True)[:LINES]
        skip = header_row(rows)
        if skip is not None and len(rows) > skip + 1:
            found += 1
            yield _source(path, **keys, **({"skip": skip} if skip else {}))
    if not found:
        yield _source(path)


def _of_text(path: Path) -> dict[str, Any]:
    """Encoding, delimiter and lines above the header, as far as the first bytes show them."""
    start = first_bytes(path, SNIFF)
    encoding = marked_encoding(start)
    try:  # what the last bytes begin need not be whole
        words = codecs.getincrementaldecoder(encoding)().decode(start, final=len(start) < SNIFF)
    except UnicodeDecodeError:
        encoding, words = told_encoding(start)
    words = words.lstrip("\ufeff")
    lines = words.splitlines()
    said = SEP.match(lines[0].strip()) if lines else None
    delimiter = said[1] if said else _delimiter(words)
    skip = header_row(_rows(words, delimiter)) or 0
    return (
        {"delimiter": delimiter}
        | ({} if encoding == UTF_8 else {"encoding": encoding})
        | ({"skip": skip} if skip else {})
    )


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """How many rows stand above the header: the first that is as wide as most below it, of names; None without any."""
    widths = [_width(row) for row in rows]
    wide = [width for width in widths if width > 1]
    if not wide:
        return 0 if rows and widths[0] and len(rows) > 1 and max(widths) == 1 and _list(widths) else None
    usual = max(set(wide), key=lambda width: (wide.count(width), width))
    for number, row in enumerate(rows[:ABOVE]):
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(row) >= usual and len(filled) >= max(2, 0.6 * usual) and len(set(filled)) == len(filled):
            names = looks_like_header(filled) or number == 0
            return number if names else 0
    return 0


def rows_below(cells: Mapping[str, pa.Array]) -> tuple[int, list[str]] | None:
    """How many rows a table has above totals and notices, and the columns that only it fills; None without any."""
    there = np.array([filled(array) for array in cells.values()])
    count = there.sum(axis=0)
    end = rows = count.size
    while rows > max(0, end - BELOW) and count[rows - 1] <= SPARSE * np.median(count):
        rows -= 1
    telling = np.flatnonzero(there[:, :rows].all(axis=1) & ~there[:, rows:].any(axis=1))
    columns = [list(cells)[place] for place in telling]
    return (rows, columns) if 0 < rows < end and columns else None


def _list(widths: list[int]) -> bool:
    """A table of one column has a cell in nearly each row."""
    return sum(widths) > 0.5 * len(widths)


def _width(row: Sequence[str]) -> int:
    """The place of the last cell that holds something."""
    return max((place for place, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _rows(words: str, delimiter: str) -> Rows:
    try:
        return [
            row
            for row, _ in zip(
                csv.reader(words.splitlines(keepends=True), delimiter=delimiter), range(LINES), strict=False
            )
        ]
    except csv.Error:
        return []


def _delimiter(words: str) -> str:
    """The delimiter that gives most rows the same number of cells, and more than one."""
    lines = words.splitlines()[:LINES]
    return max(DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: list[str], delimiter: str) -> float:
    """The share of rows that are as wide as most, times that width up to 5; 0 for a single cell."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0
    usual = max(set(widths), key=widths.count, default=0)
    return widths.count(usual) / len(widths) * min(usual, 5) if usual > 1 else 0.0
