"""Bombs of workbooks."""

import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.bombs.bomb import COLUMNS, Bomb

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_START = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>'
SHEET_END = "</sheetData></worksheet>"
CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
)
ROOT = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
HEADER = '<row r="1">' + "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in COLUMNS) + "</row>"
ODS = "urn:oasis:names:tc:opendocument:xmlns"


def _workbook(path: Path, sheets: Iterable[Iterable[str]], shared: Iterable[str] = ()) -> None:
    """A workbook of these sheets and shared strings, each given as pieces of its XML."""
    sheets = list(sheets)
    count = range(1, len(sheets) + 1)
    names = "".join(f'<sheet name="S{i}" sheetId="{i}" r:id="r{i}"/>' for i in count)
    links = "".join(f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" Target="worksheets/s{i}.xml"/>' for i in count)
    links += f'<Relationship Id="s" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts: dict[str, Iterable[str]] = {
        "[Content_Types].xml": [CONTENT_TYPES],
        "_rels/.rels": [ROOT],
        "xl/workbook.xml": [f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>'],
        "xl/_rels/workbook.xml.rels": [f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'],
        "xl/sharedStrings.xml": [f'<sst xmlns="{MAIN}">', *shared, "</sst>"],
        **{f"xl/worksheets/s{i}.xml": sheet for i, sheet in zip(count, sheets, strict=True)},
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in parts.items():
            with archive.open(name, "w") as part:
                for piece in pieces:
                    part.write(piece.encode())


def _sheet(rows: Iterable[str]) -> Iterator[str]:
    yield SHEET_START + HEADER
    yield from rows
    yield SHEET_END


def _corner(path: Path) -> None:
    _workbook(path, [_sheet(['<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'])])


def _far(path: Path) -> None:
    _workbook(path, [_sheet(['<row r="1000000"><c r="CV1000000"><v>1</v></c></row>'])])


def _repeated(path: Path) -> None:
    block = ("<row>" + "<c><v>1</v></c>" * 20 + "</row>") * 1_000
    _workbook(path, [_sheet(block for _ in range(3_000))])


def _lying(path: Path) -> None:
    """The directory says that the sheet has 1,000 bytes."""
    _repeated(path)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/s1.xml"))
    content[at + 24 : at + 28] = struct.pack("<I", 1_000)
    path.write_bytes(content)


def _shared(path: Path) -> None:
    strings = ("<si><t>" + "x" * 1_000_000 + "</t></si>" for _ in range(1_000))
    _workbook(path, [_sheet(['<row><c t="s"><v>0</v></c></row>'])], strings)


def _cells(path: Path) -> None:
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    _workbook(path, [_sheet(row for _ in range(5_000))], ["<si><t>" + "x" * 30_000 + "</t></si>"])


def _wide(path: Path) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>n{i}</t></is></c>' for i in range(16_000))
    _workbook(path, [[SHEET_START, "<row>", cells, "</row>", ("<row>" + "<c><v>1</v></c>" * 16_000 + "</row>") * 20,
                      SHEET_END]])  # fmt: skip


def _many_sheets(path: Path) -> None:
    _workbook(path, [_sheet(["<row><c><v>1</v></c></row>"]) for _ in range(2_000)])


def _entities(path: Path) -> None:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    start = SHEET_START.replace("<worksheet", f'<!DOCTYPE w [<!ENTITY e0 "lol">{levels}]><worksheet')
    _workbook(path, [[start, "<row><c t='str'><v>&e9;</v></c></row>", SHEET_END]])


def _open_document(path: Path) -> None:
    """A cell that says that it is repeated in every column of every row."""
    content = (
        f'<office:document-content xmlns:office="{ODS}:office:1.0" xmlns:table="{ODS}:table:1.0" '
        f'xmlns:text="{ODS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S1">'
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" '
        'office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{ODS}:manifest:1.0"/>')
        archive.writestr("content.xml", content)


BOMBS = [
    Bomb("a cell in the last row and column", "leads.xlsx", _corner, "memory"),
    Bomb("a cell in the last row and column, map", "leads.xlsx", _corner, "memory", "map"),
    Bomb("a cell in row 1,000,000 of column 100", "leads.xlsx", _far, "memory"),
    Bomb("3 million equal rows of 20 cells", "leads.xlsx", _repeated, "times its size"),
    Bomb("3 million equal rows of 20 cells, map", "leads.xlsx", _repeated, "times its size", "map"),
    Bomb("the same, and a directory that says 1,000 bytes", "leads.xlsx", _lying, ""),
    Bomb("a gigabyte of shared strings", "leads.xlsx", _shared, "times its size"),
    Bomb("500,000 cells of one string of 30,000 characters", "leads.xlsx", _cells, "memory"),
    Bomb("16,000 columns", "leads.xlsx", _wide, "16,000 columns"),
    Bomb("2,000 sheets", "leads.xlsx", _many_sheets, "2,000 sheets"),
    Bomb("2,000 sheets, map", "leads.xlsx", _many_sheets, "2,000 sheets", "map"),
    Bomb("entities in entities", "leads.xlsx", _entities, ""),
    Bomb("a cell repeated in a whole sheet of .ods", "leads.ods", _open_document, "limit"),
]
