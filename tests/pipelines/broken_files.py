"""Files of which one thing is wrong before any cell is read."""

# ruff: noqa: E501 - a case is a line

import gzip

import pyarrow as pa

from tests.pipelines.broken_case import GOOD, Case, csv, frame, other, parquet, ragged, workbook, zipped
from tests.pipelines.export import HEADER, MAPPING, as_csv, healthy, spoil

BOM_LESS_UTF16 = as_csv(healthy(), encoding="utf-16-le")
PARQUET = parquet(frame())

FILES = [
    csv("empty file", b"", "header"),
    csv("header only", as_csv(healthy(0)), "contains no usable leads"),
    csv("blank lines only", b"\n\n\n", "header"),
    csv("header of empty cells", b",,,,\n1,2,3,4,5\n", "row 1", "header"),
    csv("semicolons for commas", as_csv(healthy(), ";"), "'id'", 'delimiter: ";"'),
    csv("tabs for commas", as_csv(healthy(), "\t"), "'id'", "delimiter: tab"),
    csv("pipes for commas", as_csv(healthy(), "|"), "'id'", 'delimiter: "|"'),
    csv("mixed encodings", GOOD.replace(b"Rome", b"Orl\xe9ans"), "Row 2", "'city'", "encoding"),
    csv("UTF-16 without a mark", BOM_LESS_UTF16, "row 1", "encoding"),
    csv("half a UTF-16 file", as_csv(healthy(), encoding="utf-16")[:-1], "row", "encoding"),
    csv("NUL bytes in the header", b"i\0d,created\n1,2\n", "row 1", "NUL"),
    csv("bytes of another encoding in the header", b"id,created,\x8fr\xf3d\xb3o\n1,2025-01-02,web\n", "row 1", "encoding"),
    csv("NUL bytes in cells", GOOD.replace(b"Rome", b"Ro\0me"), "Row 2", "'city'", "NUL"),
    csv("quote open at the end", GOOD + b'L99999,"2024', "row 102", "quote"),
    csv("quote open in the middle", GOOD.replace(b"Rome", b'"Rome', 1), "row 2", "quote"),
    csv("text after a quote", GOOD.replace(b"Rome", b'"Rome"ish', 1), "row 2", "quote"),
    csv("rows too short", ragged(lambda row: row[:-2]), "Row 6", "9 cells", "11"),
    csv("rows too long", ragged(lambda row: [*row, "x"]), "Row 6", "12 cells", "11"),
    csv("unquoted comma in the cells", ragged(lambda row: [row[0], "Quackenbush", " Zebulon", *row[1:]]), "13 cells"),
    csv("column twice", GOOD.replace(b"city", b"name", 1), "row 1", "'name'", "positions 7 and 9"),
    csv("column missing", GOOD.replace(b"stage", b"phase", 1), "'stage'", "tables.deals", "line"),
    csv("column misspelt", GOOD.replace(b"created", b"creatd", 1), "'created'", "Did you mean creatd"),
    csv("column in other case", GOOD.replace(b"id,", b"ID,", 1), "'id'"),
    csv("one column only", b"id\nL1\nL2\n", "'created'"),
    csv("a cell beyond any size", GOOD.replace(b"Rome", b"R" * 200_000, 1), "row 2", "a cell of 131,073 characters or more", "131,072", "bounds.cell_characters"),
    csv("a web page", b"<!DOCTYPE html><html><body>Please log in</body></html>", "'id'"),
    csv("JSON", b'[{"id": 1, "created": "2024-01-01"}]', "'id'"),
    csv("a zip archive", zipped(), "leads.csv"),
    csv("Parquet under a CSV name", PARQUET, "leads.csv"),
    other("gzip cut off", "leads.csv.gz", gzip.compress(GOOD)[:-40], "cut off", "row"),
    other("gzip with a wrong checksum", "leads.csv.gz", gzip.compress(GOOD)[:-8] + b"\0" * 8, "gzip"),
    other("gzip of noise", "leads.csv.gz", b"\x1f\x8b\x08\x00" + bytes(range(200)), "gzip"),
    other("corrupt workbook", "leads.xlsx", b"PK\x03\x04 no workbook at all", "workbook"),
    other("empty workbook file", "leads.xlsx", b"", "workbook"),
    other("CSV under an Excel name", "leads.xlsx", GOOD, "workbook"),
    other("sheet without cells", "leads.xlsx", workbook([]), "header"),
    other("sheet with a header only", "leads.xlsx", workbook([list(HEADER)]), "contains no usable leads"),
    other("sheet with a column twice", "leads.xlsx", workbook([[*HEADER, "id"]]), "row 1", "'id'", "positions 1 and 12"),
    other("sheet that is not there", "leads.xlsx", workbook([["id"]]), "'Leads'", "Sheet",
          mapping=MAPPING.replace("leads.csv", "leads.csv\n    sheet: Leads")),
    other("sheet with dates as text", "leads.xlsx", workbook([list(row) for row in spoil("created", "soon")]),
          "Row 2", "'created'", "'soon'"),
    other("corrupt Parquet", "leads.parquet", b"PAR1" + b"\0" * 50 + b"PAR1", "Parquet"),
    other("Parquet cut off", "leads.parquet", PARQUET[: len(PARQUET) // 2], "Parquet"),
    other("Parquet with a damaged page", "leads.parquet", PARQUET[:100] + b"\xff" * 400 + PARQUET[500:], "leads.parquet"),
    other("CSV under a Parquet name", "leads.parquet", GOOD, "Parquet"),
    other("Parquet with lists", "leads.parquet", parquet(frame(city=pa.array([["Rome"]] * 100))), "'city'", "list"),
    other("Parquet with bytes", "leads.parquet", parquet(frame(city=pa.array([b"Rome"] * 100))), "'city'", "binary"),
    other("Parquet with a column twice", "leads.parquet", parquet({**frame(), "city!": pa.array(["x"] * 100)}), "'city'"),
    other("Parquet without a column", "leads.parquet", parquet({"id": pa.array(["1"])}), "'created'"),
    other("Parquet with infinite numbers", "leads.parquet", parquet(frame(score=pa.array([float("inf")] * 100))),
          "Row 1", "'score'", "finite"),
    other("ending that says nothing", "leads.dat", GOOD, "format"),
    Case("file missing", ("leads.csv", "Did you mean lead.csv"), {"lead.csv": GOOD}),
    Case("pattern without a file", ("*.tsv", "leads.csv"), mapping=MAPPING.replace("leads.csv", "'*.tsv'")),
    Case("source directory empty", ("leads.csv", "empty"), {}),
]  # fmt: skip
