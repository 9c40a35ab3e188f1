"""Where the header of a file stands, when it is not where the mapping looks for it."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from data_contracts.mapping.mapping import Source
from pipelines.importing.csv_reader import DELIMITERS, ENCODING_HINT, UNKNOWN, open_text
from pipelines.importing.files import file_format
from pipelines.importing.sheet_reader import read_sheet, sheet_names
from pipelines.workspace.bounds import Bounds

ROWS, LONGEST = 30, 1_000_000  # lines that are looked at, and characters of each


def header_hint(column: str, path: Path, source: Source, bounds: Bounds) -> str:
    """What to write in the source so that this column of the mapping is found, or nothing."""
    kind = file_format(path, source)
    if kind == "parquet":
        return ""
    places = _sheets(path, source, bounds) if kind == "excel" else _delimited(path, source)
    for keys, rows in places:
        number = next((number for number, row in enumerate(rows) if column in map(str.strip, row)), None)
        if number is not None:
            told = [f"{key}: {value}" for key, value in keys.items()]
            told += [f"skip: {number}"] if number != source.skip else []
            return f"Row {number + 1} has that name: write {' and '.join(f'`{each}`' for each in told)} in its source."
    return _encoding_hint(path, source) if kind == "csv" else ""


def _delimited(path: Path, source: Source) -> Iterator[tuple[dict[str, str], list[list[str]]]]:
    """The first rows as each delimiter makes them, that of the source first, and what to write for it."""
    lines = _first_lines(path, source)
    for each in (source.delimiter, *(each for each in DELIMITERS if each != source.delimiter)):
        keys = {} if each == source.delimiter else {"delimiter": "tab" if each == "\t" else f'"{each}"'}
        with suppress(csv.Error):
            yield keys, list(csv.reader(lines, delimiter=each))


def _sheets(path: Path, source: Source, bounds: Bounds) -> Iterator[tuple[dict[str, str], list[list[str]]]]:
    """The first rows of each sheet, that of the source first, and what to write for it."""
    names = sheet_names(path, bounds)
    own = source.sheet or names[0]
    for each in (own, *(each for each in names if each != own)):
        yield (
            ({} if each == own else {"sheet": each}),
            read_sheet(path, source.model_copy(update={"sheet": each}), bounds)[:ROWS],
        )


def _encoding_hint(path: Path, source: Source) -> str:
    start = "".join(_first_lines(path, source))
    return ENCODING_HINT if UNKNOWN.search(start) else ""


def _first_lines(path: Path, source: Source) -> list[str]:
    with open_text(path, source) as stream:
        return [line for _ in range(ROWS) if (line := stream.readline(LONGEST))]
