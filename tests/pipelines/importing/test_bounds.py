"""What lies beyond a bound is refused: with the file, the place, the bound and the setting, and no further work."""

import gzip
import io
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.errors import FileError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import Source, check_mapping
from pipelines.cli import main
from pipelines.drafting.draft import draft_mapping
from pipelines.importing.attributes import new_name
from pipelines.importing.csv_reader import Lines, LineTooLongError, header_of
from pipelines.importing.files import find_files
from pipelines.importing.importer import import_tables
from pipelines.importing.parquet_reader import BYTES, read_batches
from pipelines.importing.rejects import quoted
from pipelines.workspace.bounds import FREE, USUAL, Bounds
from pipelines.workspace.params import read_params
from pipelines.workspace.resources import Resources
from tests.conftest import REPOSITORY
from tests.pipelines.broken_case import frame, parquet, workbook
from tests.pipelines.export import MAPPING, as_csv, healthy, spoil, write_export

GOOD = as_csv(healthy())
SHEET: list[list[object]] = [list(row) for row in healthy()]


def sheets(count: int) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook(SHEET)))
    for _ in range(count - 1):
        book.create_sheet()
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def far_cell(place: str) -> bytes:
    """A sheet with one more cell, far away from the others."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(SHEET)))
    assert book.active is not None
    book.active[place] = "x"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def padded(content: bytes, size: int) -> bytes:
    """A workbook whose archive says that it unpacks to more than ``size`` bytes."""
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", b"\0" * size)
    return stream.getvalue()


def equal_rows(count: int) -> bytes:
    return parquet({name: pa.array([column[0].as_py()] * count) for name, column in frame().items()})


def repeated_text() -> bytes:
    """Each row has the same long text, which is in the file once."""
    columns = {name: pa.array([str(i) for i in range(2_000)]) for name in frame()}
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), ["Roma " * 2_000])
    return parquet({**columns, "city": text})


LONG = spoil("city", "x" * 60, [4])
BLANK = GOOD[: GOOD.index(b"\n") + 1] + b"\n" * 500
BOMBS: list[tuple[str, str, bytes, dict[str, int], tuple[str, ...]]] = [
    ("columns", "leads.csv", GOOD, {"columns": 10}, ("row 1", "11 columns", "10")),
    ("columns, .gz", "leads.csv.gz", gzip.compress(GOOD), {"columns": 10}, ("row 1", "11 columns", "10")),
    ("columns, sheet", "leads.xlsx", workbook(SHEET), {"columns": 10}, ("'Sheet'", "11 columns", "10")),
    ("columns, Parquet", "leads.parquet", parquet(frame()), {"columns": 10}, ("11 columns", "10")),
    ("header", "leads.csv", GOOD, {"header_characters": 6}, ("row 1, column 2", "7 characters", "6")),
    ("header, sheet", "leads.xlsx", workbook(SHEET), {"header_characters": 6}, ("row 1, column 2", "7 characters")),
    ("header, Parquet", "leads.parquet", parquet(frame()), {"header_characters": 6}, ("column 2", "7 characters")),
    ("cell", "leads.csv", as_csv(LONG), {"cell_characters": 59}, ("row 6", "60 characters or more", "59")),
    ("cell, quote that does not close", "leads.csv", GOOD + b'"' + GOOD, {"cell_characters": 500},
     ("row 102", "501 characters or more", "quote")),
    ("cell, sheet", "leads.xlsx", workbook([list(row) for row in LONG]), {"cell_characters": 59},
     ("'Sheet'", "row 6", "60 characters", "59")),
    ("cell, Parquet", "leads.parquet", parquet(frame(city=pa.array(["x" * 60] + ["y"] * 99))), {"cell_characters": 59},
     ("'city'", "rows 1 to 100", "60 characters", "59")),
    ("row", "leads.csv", as_csv(LONG), {"row_characters": 150}, ("row 6", "151 characters or more", "150")),
    ("row over many lines", "leads.csv", GOOD + b'"\n",' * 200, {"row_characters": 150}, ("row 102", "151 characters")),
    ("rows", "leads.csv", GOOD, {"rows": 99}, ("101 rows", "99")),
    ("rows, sheet", "leads.xlsx", workbook(SHEET), {"rows": 99}, ("'Sheet'", "101 rows", "99")),
    ("rows, Parquet", "leads.parquet", parquet(frame()), {"rows": 99}, ("100 rows", "99")),
    ("unfit_rows", "leads.csv", BLANK, {"unfit_rows": 400}, ("row 501", "500 rows that are blank", "400")),
    ("unfit_rows of spaces", "leads.csv", BLANK.replace(b"\n\n", b"\n \n"), {"unfit_rows": 400}, ("blank", "400")),
    ("unfit_rows of another width", "leads.csv", GOOD + b",\n" * 2_500, {"unfit_rows": 999},
     ("row 2001", "1,000 rows", "as wide")),
    ("unpacked_bytes", "leads.csv.gz", gzip.compress(GOOD), {"unpacked_bytes": 5_000}, ("row 1", "bytes", "5.0KB")),
    ("unpacked_bytes, sheet", "leads.xlsx", workbook(SHEET), {"unpacked_bytes": 5_000}, ("sheet1.xml", "bytes")),
    ("unpacked_bytes, Parquet", "leads.parquet", parquet(frame()), {"unpacked_bytes": 5_000}, ("bytes", "5.0KB")),
    ("unpacked_ratio", "leads.csv.gz", gzip.compress(GOOD + GOOD[-90:] * (FREE // 80)), {}, ("times its size", "100")),
    ("unpacked_ratio, sheet", "leads.xlsx", padded(workbook(SHEET), 12_000_000), {}, ("image1.bin", "times its size")),
    ("unpacked_ratio, Parquet", "leads.parquet", equal_rows(1_000_000), {}, ("times its size", "100")),
    ("unpacked_ratio, repeated text", "leads.parquet", repeated_text(), {}, ("rows 1 to 2,000", "times its size")),
    ("unpacked_ratio, far cell", "leads.xlsx", far_cell("XFD1048576"), {},
     ("'Sheet'", "300 MB of memory", "far away", "100")),
    ("sheets", "leads.xlsx", sheets(4), {"sheets": 3}, ("4 sheets", "3")),
    ("sheet_bytes", "leads.xlsx", far_cell("CV200000"), {"sheet_bytes": 150_000_000}, ("150 MB of memory", "150.0MB")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "file", "content", "bounds", "says"), BOMBS, ids=[bomb[0] for bomb in BOMBS])
def test_what_is_beyond_a_bound_is_refused_with_place_bound_and_setting(
    name: str, file: str, content: bytes, bounds: dict[str, int], says: tuple[str, ...], tmp_path: Path
) -> None:
    mapping = check_mapping(parse_located(MAPPING.replace("leads.csv", file), "m.yaml"))
    source = write_export(tmp_path, {file: content})
    with pytest.raises(FileError, match="more than the") as caught:
        import_tables(
            mapping,
            source,
            tmp_path / "t",
            tmp_path / "r",
            resources=Resources.of(),
            bounds=Bounds.model_validate(bounds),
        )
    told = str(caught.value)
    setting = f"bounds.{name.split(',')[0].split(' ')[0]}"
    wanted = {"bounds.header": "bounds.header_characters", "bounds.cell": "bounds.cell_characters",
              "bounds.row": "bounds.row_characters"}.get(setting, setting)  # fmt: skip
    assert [part for part in (file, wanted, "params.yaml", *says) if part not in told] == [], told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]
    with pytest.raises(FileError, match=wanted):
        draft_mapping(source, Bounds.model_validate(bounds))


@pytest.mark.parametrize("command", ["import", "map"])
def test_the_commands_take_the_bounds_of_params_yaml(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write_export(tmp_path, {"leads.csv": GOOD})
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    words = {"import": ["--mapping", "mapping.yaml", "--source", str(source)], "map": [str(source)]}[command]
    for place, options in (("params.yaml", []), ("other.yaml", ["--params", "other.yaml"])):
        (tmp_path / place).write_text("bounds: {columns: 10}\n")
        with pytest.raises(SystemExit, match="2"):
            main([command, *words, *options])
        assert "11 columns, more than the 10 that are read" in " ".join(capsys.readouterr().err.split())
        (tmp_path / place).write_text("bounds: {columns: 11}\n")


def test_the_bounds_that_are_shipped_are_the_usual_ones() -> None:
    assert read_params(REPOSITORY / "params.yaml").bounds == USUAL


def test_a_size_may_have_a_unit() -> None:
    assert Bounds.model_validate({"unpacked_bytes": "20GB"}).unpacked_bytes == 20_000_000_000


def test_a_line_is_read_no_further_than_a_row_may_be_long() -> None:
    stream = io.StringIO("short\n" + "x" * 1_000)
    lines = iter(Lines(stream, 10))
    assert next(lines) == "short\n"
    with pytest.raises(LineTooLongError):
        next(lines)
    assert stream.tell() == len("short\n") + 11


def test_texts_that_are_long_when_they_are_repeated_are_handed_on_in_parts(tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), ["Roma " * 20_000])
    columns = {name: pa.array([str(i) for i in range(20_000)]) for name in ("id", "other")}
    pq.write_table(pa.table({**columns, "city": text}), tmp_path / "leads.parquet")
    lengths = [n for n, _ in read_batches(tmp_path / "leads.parquet", ["id", "city"], Bounds(unpacked_ratio=10**9))]
    assert sum(lengths) == 20_000
    assert max(lengths) * 100_000 <= BYTES


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called, Python's own included."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_twice_as_many_columns_are_twice_the_work() -> None:
    def named_alike(n: int) -> Callable[[], Any]:
        names: Counter[str] = Counter()
        return lambda: [new_name("city", "leads", names) for _ in range(n)]

    def headed(n: int) -> Callable[[], Any]:
        rows = [[f"column {i}" for i in range(n)]]
        return lambda: header_of(rows, Path("leads.csv"), Source(file=("leads.csv",)), USUAL)

    for work in (named_alike, headed):
        once, twice = (calls(work(n)) for n in (500, 1_000))
        assert twice < 2.2 * once


def test_twice_as_many_files_are_twice_the_work(tmp_path: Path) -> None:
    counts = []
    for n in (100, 200):
        directory = tmp_path / str(n)
        directory.mkdir()
        for i in range(n):
            (directory / f"{i}.csv").touch()
        counts.append(calls(partial(find_files, Source(file=("*.csv", "*")), directory)))
    assert counts[1] < 2.2 * counts[0]


def test_a_long_cell_is_shown_by_its_beginning() -> None:
    assert len(quoted("x" * 100_000)) == 80
    assert quoted(None) == "nothing"
