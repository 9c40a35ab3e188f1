"""Where the mapping does not find its columns, the error says in which row, sheet or delimiter they are."""

import io
from pathlib import Path

import openpyxl
import pytest

from data_contracts.errors import FileError, MappingError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import check_mapping
from pipelines.importing.importer import import_tables
from pipelines.workspace.resources import Resources
from tests.pipelines.export import MAPPING, as_csv, healthy, write_export


def refused(tmp_path: Path, content: bytes, mapping: str = MAPPING, file: str = "leads.csv") -> str:
    source = write_export(tmp_path, {file: content})
    read = check_mapping(parse_located(mapping.replace("leads.csv", file), "m.yaml"))
    with pytest.raises((MappingError, FileError)) as caught:
        import_tables(read, source, tmp_path / "tables", tmp_path / "rejected", resources=Resources.of())
    return str(caught.value)


def test_lines_above_the_header_are_counted(tmp_path: Path) -> None:
    said = refused(tmp_path, as_csv([["Leads of the year"], ["As of 2025"], [], *healthy()]))
    assert "which leads.csv does not have" in said
    assert "Row 4 has that name: write `skip: 3` in its source." in said


def test_a_line_that_names_the_delimiter_is_counted_with_it(tmp_path: Path) -> None:
    said = refused(tmp_path, b"sep=;\r\n" + as_csv(healthy(), ";"))
    assert 'Row 2 has that name: write `delimiter: ";"` and `skip: 1` in its source.' in said


def test_the_delimiter_is_named(tmp_path: Path) -> None:
    assert "Row 1 has that name: write `delimiter: tab` in its source." in refused(tmp_path, as_csv(healthy(), "\t"))


def test_the_sheet_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Exported on 1 October"])
    sheet = book.create_sheet("All leads")
    for row in [["Title"], *healthy()]:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    said = refused(tmp_path, stream.getvalue(), file="leads.xlsx")
    assert "Row 2 has that name: write `sheet: All leads` and `skip: 1` in its source." in said


def test_letters_of_another_encoding_are_a_hint_at_it(tmp_path: Path) -> None:
    rows = healthy()
    rows[0][8] = "Größe"
    said = refused(tmp_path, as_csv(rows, encoding="cp1252"), MAPPING.replace("city: {", "city: {column: Größe, "))
    assert "Say the encoding in its source" in said


def test_a_misspelt_name_has_no_other_place(tmp_path: Path) -> None:
    assert "Did you mean stage?" in refused(
        tmp_path, as_csv(healthy()), MAPPING.replace("column: stage", "column: stag")
    )


def test_an_empty_first_row_is_no_header(tmp_path: Path) -> None:
    assert "write `skip` or `sheet`" in refused(tmp_path, b"\r\n" + as_csv(healthy()))
