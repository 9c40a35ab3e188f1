"""Cells and files as systems write them; a cell that is not known is empty."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

Cells = list[str]


def texts(values: pd.Series, say: Mapping[str, str] | Callable[[str], str] = str) -> Cells:
    """Values as text, in other words where there are some."""
    word = say if callable(say) else lambda value: say[value]
    return ["" if pd.isna(value) else word(str(value)) for value in values]


def dates(values: pd.Series, written: str) -> Cells:
    """Times as strftime writes them, its %-d (without a zero) included."""
    return ["" if pd.isna(value) else value.strftime(written) for value in values]


def whole(values: pd.Series) -> Cells:
    """Numbers without a decimal sign."""
    return ["" if pd.isna(value) else str(int(value)) for value in values]


def money(values: pd.Series, thousands: str = "", decimal: str = ".", form: str = "{}") -> Cells:
    """Amounts with two decimals."""
    signs = str.maketrans(",.", "\0\1")
    return [
        ""
        if pd.isna(value)
        else form.format(f"{value:,.2f}".translate(signs).replace("\0", thousands).replace("\1", decimal))
        for value in values
    ]


def write_csv(
    path: Path,
    columns: Mapping[str, Cells],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    above: Sequence[Sequence[str]] = (),
    below: Sequence[Sequence[str]] = (),
    quoting: Any = csv.QUOTE_MINIMAL,
) -> None:
    """A table with its header as CSV, with lines above and below it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting)
    writer.writerows([*above, list(columns), *zip(*columns.values(), strict=True), *below])
    path.write_bytes(stream.getvalue().encode(encoding))


def write_sheet(
    path: Path,
    columns: Mapping[str, Sequence[object]],
    *,
    title: str,
    above: Sequence[Sequence[object]] = (),
    below: Sequence[Sequence[object]] = (),
    margin: int = 0,
) -> None:
    """A table as a sheet of a workbook, with rows above and below it and empty columns on its left."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in (*above, list(columns), *zip(*columns.values(), strict=True), *below):
        sheet.append([None] * margin + [None if cell is pd.NaT or cell == "" else cell for cell in row])
    book.save(path)
