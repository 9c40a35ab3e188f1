"""Excel sheets (xlsx, xls, xlsb, ods) as rows of text, through calamine in a process of its own."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path

from data_contracts.errors import FileError
from data_contracts.hints import did_you_mean
from data_contracts.mapping.mapping import Source
from pipelines.importing import sheet_process
from pipelines.importing.csv_reader import Rows
from pipelines.workspace.bounds import Bounds

FREE = 300_000_000  # bytes of memory that a sheet of any size may take


def read_sheet(path: Path, source: Source, bounds: Bounds, *, keep: bool = False) -> Rows:
    """All rows of the sheet as text, the header's row and those above it included.

    Whole numbers lose their decimal point, dates are ISO. ``keep`` holds the rows for the next reading of the same
    sheet, since taking a workbook apart is most of the work. Raises FileError where the file is not a workbook, has no
    such sheet or is beyond a bound.
    """
    try:
        rows = _parsed(path, source.sheet, bounds, path.stat().st_mtime_ns)
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not keep:
        _parsed.cache_clear()
    return rows


def sheet_names(path: Path, bounds: Bounds) -> list[str]:
    """The names of a workbook's sheets. Raises FileError where the file is not a workbook or has too many."""
    with closing(_lines(path, None, bounds)) as lines:
        return _names(lines, path, bounds)


@lru_cache(maxsize=1)
def _parsed(path: Path, name: str | None, bounds: Bounds, _changed: int) -> Rows:
    rows: Rows = []
    with closing(_lines(path, name, bounds)) as lines:
        names = _names(lines, path, bounds)
        if name is not None and name not in names:
            raise FileError(f"{path.name} has no sheet {name!r}.", hint=did_you_mean(name, names))
        where = f"{path.name}, sheet {name or names[0]!r}"
        for line in lines:
            piece: Rows = json.loads(line)
            bounds.check("columns", where, len(piece[0]), "columns")
            if len(line) > bounds.cell_characters:
                _check_cells(piece, where, len(rows), bounds)
            rows += piece
            bounds.check("rows", where, len(rows), "rows")
    return rows


def _names(lines: Iterator[str], path: Path, bounds: Bounds) -> list[str]:
    names: list[str] = json.loads(next(lines, "[]"))
    if not names:
        raise FileError(f"{path.name} is a workbook without sheets.")
    bounds.check("sheets", path.name, len(names), "sheets")
    return names


def _check_cells(rows: Rows, where: str, before: int, bounds: Bounds) -> None:
    for number, row in enumerate(rows, start=before + 1):
        longest = max(map(len, row), default=0)
        bounds.check("cell_characters", f"{where}, row {number}", longest, "characters in a cell")


def _lines(path: Path, name: str | None, bounds: Bounds) -> Generator[str, None, None]:
    """What the process that takes a workbook apart says; it ends with this generator."""
    size = path.stat().st_size
    _check_unpacked(path, size, bounds)
    memory = min(int(bounds.sheet_bytes), max(FREE, bounds.unpacked_ratio * size))
    command = [sys.executable, "-m", sheet_process.__name__, str(path), name or "", str(memory)]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, encoding="utf-8"
        )
        try:
            for line in process.stdout or ():
                name = name or next(iter(json.loads(line)), "")  # the first line has the names of the sheets
                if line.endswith("\n"):
                    yield line
            code = process.wait()
        finally:
            process.kill()
            process.communicate()
        if code < 0 or code == sheet_process.NO_MEMORY:
            where = f"{path.name}, sheet {name!r}" if name else path.name
            raise _too_large(where, memory, size, bounds)
        if code:
            said.seek(0)
            reason = said.read().strip().rpartition("\n")[2].rstrip(".")
            hint = "Save it again as .xlsx."
            raise FileError(f"{path.name} cannot be read as a workbook: {reason}.", hint=hint)


def _too_large(where: str, memory: int, size: int, bounds: Bounds) -> FileError:
    found = f"it takes more than {memory / 1e6:,.0f} MB of memory"
    if memory == bounds.sheet_bytes:
        return bounds.beyond("sheet_bytes", where, found)
    far = "is there a cell far away from the others?"
    return bounds.beyond("unpacked_ratio", where, f"{found}, {memory // max(size, 1):,} times its size ({far})")


def _check_unpacked(path: Path, size: int, bounds: Bounds) -> None:
    """Refuse a zip archive, as most workbooks are, that says itself that it unpacks to too much."""
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        members = sorted(archive.infolist(), key=lambda member: member.file_size)
        if members:
            where = f"{path.name}, {members[-1].filename}"
            bounds.check_unpacked(where, sum(member.file_size for member in members), size)
