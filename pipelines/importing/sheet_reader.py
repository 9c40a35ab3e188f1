"""Excel sheets (xlsx, xls, xlsb, ods) as rows of text, through calamine."""

import datetime as dt
from functools import lru_cache
from pathlib import Path

from data_contracts.errors import FileError
from data_contracts.hints import did_you_mean
from data_contracts.mapping.mapping import Source
from pipelines.importing.csv_reader import Rows


def read_sheet(path: Path, source: Source, *, keep: bool = False) -> Rows:
    """All rows of the sheet as text, the header's row and those above it included.

    Whole numbers lose their decimal point, dates are ISO. ``keep`` holds the rows for the next reading of the same
    sheet, since taking a workbook apart is most of the work. Raises FileError where the file is not a workbook or has
    no such sheet.
    """
    rows = _parsed(path, source.sheet, path.stat().st_mtime_ns)
    if not keep:
        _parsed.cache_clear()
    return rows


def sheet_names(path: Path) -> list[str]:
    """The names of a workbook's sheets. Raises FileError where the file is not a workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return list(CalamineWorkbook.from_path(path).sheet_names)
    except (CalamineError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error


@lru_cache(maxsize=1)
def _parsed(path: Path, name: str | None, _changed: int) -> Rows:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        if name is not None and name not in book.sheet_names:
            raise FileError(f"{path.name} has no sheet {name!r}.", hint=did_you_mean(name, book.sheet_names))
        sheet = book.get_sheet_by_name(name) if name is not None else book.get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return [[_text(cell) for cell in row] for row in cells]


def _unreadable(path: Path, error: Exception) -> FileError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return FileError(f"{path.name} cannot be read as a workbook: {reason}.", hint="Save it again as .xlsx.")


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
