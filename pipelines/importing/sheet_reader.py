"""Excel sheets (xlsx, xls, xlsb, ods) as rows of text, through calamine."""

import datetime as dt
from pathlib import Path

from data_contracts.errors import FileError
from data_contracts.hints import did_you_mean
from data_contracts.mapping import Source
from pipelines.importing.csv_reader import Rows


def read_sheet(path: Path, source: Source) -> Rows:
    """All rows of the sheet as text, the header's row and those above it included.

    Whole numbers lose their decimal point, dates are ISO. Raises FileError where the file is not a workbook or has no
    such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if source.sheet is not None and source.sheet not in names:
            raise FileError(f"{path.name} has no sheet {source.sheet!r}.", hint=did_you_mean(source.sheet, names))
        sheet = book.get_sheet_by_name(source.sheet) if source.sheet is not None else book.get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise FileError(
            f"{path.name} cannot be read as a workbook: {reason}.", hint="Save it again as .xlsx."
        ) from error
    return [[_text(cell) for cell in row] for row in cells]


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
