"""The import as a whole: odd but readable files come out right, and what does not is rejected with its row."""

import datetime as dt
import gzip
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.contract import arrow_schema
from data_contracts.dataset import TABLES, Dataset, DatasetManifest
from data_contracts.errors import MappingError, TableError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import Source, check_mapping
from pipelines.importing import csv_reader
from pipelines.importing.importer import import_tables
from pipelines.tables.events_file import open_events
from pipelines.validation.currencies import currency_findings
from pipelines.workspace.bounds import Bounds
from pipelines.workspace.resources import Resources
from tests.pipelines.export import HEADER, MAPPING, as_csv, healthy, spoil, write_export

GOOD = as_csv(healthy())


def imported(directory: Path, files: dict[str, bytes], mapping: str = MAPPING, max_rejected: float = 0.05) -> Dataset:
    source = write_export(directory, files)
    checked = check_mapping(parse_located(mapping, "m.yaml"))
    import_tables(
        checked,
        source,
        directory / "tables",
        directory / "rejected",
        resources=Resources.of(),
        max_rejected=max_rejected,
    )
    return Dataset(directory / "tables")


def rejected(directory: Path, table: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(directory / "rejected" / f"{table}.parquet").to_pylist()
    return rows


@pytest.fixture
def expected(tmp_path: Path) -> pd.DataFrame:
    return imported(tmp_path, {"leads.csv": GOOD}).frame("leads")


def sheet(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def in_excel(row: list[str]) -> list[object]:
    return [*row[:1], dt.datetime.fromisoformat(row[1]), *row[2:4], float(row[4]), *row[5:7], float(row[7]), *row[8:]]


READABLE = {
    "byte order mark": ("leads.csv", as_csv(healthy(), encoding="utf-8-sig"), ""),
    "UTF-16 with its mark": ("leads.csv", as_csv(healthy(), encoding="utf-16"), ""),
    "Latin-1 that is declared": ("leads.csv", as_csv(healthy(), encoding="latin-1"), "encoding: latin-1"),
    "Windows line ends": ("leads.csv", as_csv(healthy(), end="\r\n"), ""),
    "old Mac line ends": ("leads.csv", as_csv(healthy(), end="\r"), ""),
    "semicolons that are declared": ("leads.csv", as_csv(healthy(), ";"), "delimiter: ';'"),
    "tabs that are declared": ("leads.csv", as_csv(healthy(), "\t"), "delimiter: tab"),
    "packed": ("leads.csv.gz", gzip.compress(GOOD), ""),
    "packed in two pieces": ("leads.csv.gz", gzip.compress(GOOD[:500]) + gzip.compress(GOOD[500:]), ""),
    "packed without saying so": ("leads.csv", gzip.compress(GOOD), ""),
    "not packed though it says so": ("leads.csv.gz", GOOD, ""),
    "no line end at the end": ("leads.csv", GOOD.rstrip(b"\n"), ""),
    "blank lines between and at the end": ("leads.csv", GOOD.replace(b"\nL00050", b"\n\nL00050") + b"\n\n", ""),
    "lines above the header": ("leads.csv", b"Exported by X\nfor Y\n" + GOOD, "skip: 2"),
    "spaces around names and cells": ("leads.csv", GOOD.replace(b",", b" , ").replace(b" , ", b",  "), ""),
    "a column without a name": ("leads.csv", GOOD.replace(b"\n", b",\n"), ""),
    "a workbook": ("leads.xlsx", sheet([list(HEADER), *(in_excel(row) for row in healthy()[1:])]), ""),
    "a workbook of text": ("leads.xlsx", sheet([list(row) for row in healthy()]), ""),
}


@pytest.mark.parametrize("name", READABLE)
def test_odd_but_readable_files_come_out_the_same(name: str, expected: pd.DataFrame, tmp_path: Path) -> None:
    file, content, key = READABLE[name]
    (tmp_path / "odd").mkdir()
    mapping = MAPPING.replace("leads.csv", f"{file}\n    {key}" if key else file)
    pd.testing.assert_frame_equal(imported(tmp_path / "odd", {file: content}, mapping).frame("leads"), expected)


def test_an_import_leaves_the_events_of_its_tables(tmp_path: Path) -> None:
    dataset = imported(tmp_path, {"leads.csv": GOOD})
    events = open_events(dataset)
    assert events is not None
    assert sum(events.rows(group).lead.size for group in range(len(events))) == dataset.manifest.rows["activities"]


def test_excel_serial_dates_are_read_where_they_are_declared(expected: pd.DataFrame, tmp_path: Path) -> None:
    epoch = dt.date(1899, 12, 30)
    rows = healthy()
    for row in rows[1:]:
        row[1] = str((dt.date.fromisoformat(row[1]) - epoch).days)
    (tmp_path / "x").mkdir()
    mapping = MAPPING.replace("created_at: created", "created_at: {column: created, format: excel}")
    mapping = mapping.replace("opened_at: created", "opened_at: {column: created, format: excel}")
    found = imported(tmp_path / "x", {"leads.csv": as_csv(rows)}, mapping).frame("leads")
    pd.testing.assert_frame_equal(found, expected)


def test_serial_dates_of_a_sheet_need_no_word(expected: pd.DataFrame, tmp_path: Path) -> None:
    epoch = dt.date(1899, 12, 30)
    rows: list[list[object]] = [list(row) for row in healthy()]
    for row in rows[1:]:
        row[1] = float((dt.date.fromisoformat(str(row[1])) - epoch).days)
    (tmp_path / "x").mkdir()
    found = imported(tmp_path / "x", {"leads.xlsx": sheet(rows)}, MAPPING.replace("leads.csv", "leads.xlsx"))
    pd.testing.assert_frame_equal(found.frame("leads"), expected)


def test_a_workbook_is_taken_apart_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    popen = subprocess.Popen

    def counted(command: list[str], **options: Any) -> "subprocess.Popen[str]":
        started.append(Path(command[3]).name)
        return popen(command, **options)

    monkeypatch.setattr(subprocess, "Popen", counted)
    content = sheet([list(row) for row in healthy()])
    imported(tmp_path, {"leads.xlsx": content}, MAPPING.replace("leads.csv", "leads.xlsx"))
    assert started == ["leads.xlsx"]


def test_a_line_break_in_a_cell_moves_no_row_number(tmp_path: Path) -> None:
    rows = healthy()
    rows[3][HEADER.index("city")] = "Rome\nMilan"
    rows[7][HEADER.index("score")] = "high"
    imported(tmp_path, {"leads.csv": as_csv(rows)})
    assert [(row["row"], row["column"]) for row in rejected(tmp_path, "leads")] == [(8, "score")]


def test_all_six_tables_have_the_schema_of_their_contract(tmp_path: Path) -> None:
    dataset = imported(tmp_path, {"leads.csv": GOOD})
    for table in TABLES:
        assert pq.read_schema(dataset.path(table)).equals(arrow_schema(table, dataset.manifest.attributes))
        assert (tmp_path / "rejected" / f"{table}.parquet").exists()


def test_leads_keep_the_order_of_the_file(tmp_path: Path) -> None:
    rows = healthy()
    turned = [rows[0], *rows[:0:-1]]
    found = imported(tmp_path, {"leads.csv": as_csv(turned)}).frame("leads")
    assert found["lead_id"].tolist() == [row[0] for row in turned[1:]]


def test_the_manifest_says_what_was_read(tmp_path: Path) -> None:
    manifest = imported(tmp_path, {"leads.csv": as_csv(spoil("score", "high", [4]))}).manifest
    assert (manifest.rows["leads"], manifest.rejected["leads"], manifest.rejected["deals"]) == (99, 1, 1)
    assert [(file.file, file.rows, len(file.sha256)) for file in manifest.files] == [("leads.csv", 100, 64)]
    assert manifest.data_cutoff == dt.datetime(2023, 4, 30, tzinfo=dt.UTC)  # the latest deal closed


def test_a_rejected_row_says_file_row_column_reason_and_what_was_expected(tmp_path: Path) -> None:
    imported(tmp_path, {"leads.csv": as_csv(spoil("created", "soon", [4]))})
    assert rejected(tmp_path, "leads") == [
        {
            "file": "leads.csv",
            "row": 6,
            "column": "created",
            "reason": "'soon' cannot be read",
            "expected": "an ISO date such as 2024-12-31T09:30:00, years 1900 to 2199",
        }
    ]


def test_an_error_shows_one_row_for_each_reason(tmp_path: Path) -> None:
    rows = spoil("score", lambda i: f"much {i}", range(12))
    for i in (20, 21):
        rows[i + 1][HEADER.index("created")] = f"{i}/13/2023"
    with pytest.raises(TableError) as raised:
        imported(tmp_path, {"leads.csv": as_csv(rows)})
    told = str(raised.value)
    assert "Row 2, column 'score': 'much 0' cannot be read" in told
    assert "and 11 rows like it. Row 22, column 'created': '20/13/2023' cannot be read" in told
    assert "much 1" not in told


def test_what_hangs_on_a_rejected_lead_follows_it_without_counting(tmp_path: Path) -> None:
    dataset = imported(tmp_path, {"leads.csv": as_csv(spoil("score", "high", range(5)))})
    assert len(dataset.frame("deals")) == 95
    assert {row["reason"] for row in rejected(tmp_path, "deals")} == {f"'L0000{i}' was rejected" for i in range(5)}


def test_what_hangs_on_a_lead_that_a_filter_left_out_goes_without_a_word(tmp_path: Path) -> None:
    mapping = MAPPING.replace("    from: export\n", "    from: export\n    where: {column: city, is: Rome}\n", 1)
    dataset = imported(tmp_path, {"leads.csv": GOOD}, mapping)
    assert len(dataset.frame("leads")) == len(dataset.frame("deals")) == 34
    assert rejected(tmp_path, "deals") == []


def test_the_share_that_may_be_rejected_is_counted_per_file(tmp_path: Path) -> None:
    files = {"leads.csv": as_csv(spoil("score", "high", range(6)))}
    with pytest.raises(
        TableError, match=r"leads.csv: 6 of 100 rows cannot be used for leads, more than the 5% allowed"
    ):
        imported(tmp_path, files)
    (tmp_path / "lenient").mkdir()
    assert len(imported(tmp_path / "lenient", files, max_rejected=0.06).frame("leads")) == 94


def test_the_first_of_two_rows_with_one_key_is_kept(tmp_path: Path) -> None:
    rows = [*healthy(), list(healthy()[1])]
    rows[-1][HEADER.index("city")] = "Oslo"
    dataset = imported(tmp_path, {"leads.csv": as_csv(rows)})
    assert (dataset.frame("leads").query("lead_id == 'L00000'")["city"] == "Rome").all()
    assert [(row["row"], row["reason"]) for row in rejected(tmp_path, "leads")] == [(102, "'L00000' is duplicated")]


def test_keep_first_leaves_the_others_out_without_a_word(tmp_path: Path) -> None:
    accounts = "  accounts:\n    from: export\n    duplicates: keep_first\n    columns: {account_id: city}\n"
    dataset = imported(tmp_path, {"leads.csv": GOOD}, MAPPING + accounts)
    assert dataset.frame("accounts")["account_id"].tolist() == ["Rome", "Madrid", "Lyon"]
    assert dataset.manifest.rejected["accounts"] == 0


def test_accounts_that_only_leads_mention_get_a_row(tmp_path: Path) -> None:
    mapping = MAPPING.replace("      source: channel\n", "      source: channel\n      account_id: city\n")
    dataset = imported(tmp_path, {"leads.csv": GOOD}, mapping)
    assert dataset.frame("accounts")["account_id"].tolist() == ["Rome", "Madrid", "Lyon"]


def test_the_expected_close_of_an_open_deal_is_not_a_fact(tmp_path: Path) -> None:
    rows = spoil("stage", "Open", range(10))
    for row in rows[1:11]:
        row[3] = "2150-01-01"
    deals = imported(tmp_path, {"leads.csv": as_csv(rows)}).frame("deals")
    assert deals["closed_at"].isna().sum() == 10
    assert len(deals) == 100


def test_a_deal_closed_on_the_day_it_was_opened_is_fine(tmp_path: Path) -> None:
    rows = healthy()
    for row in rows[1:]:
        row[1], row[3] = f"{row[1]}T15:00:00", row[1]
    deals = imported(tmp_path, {"leads.csv": as_csv(rows)}).frame("deals")
    assert (deals["closed_at"] == deals["opened_at"]).all()


def test_the_order_of_undated_leads_comes_from_the_column(tmp_path: Path) -> None:
    for name, ascending, first in (("up", "true", 1.0), ("down", "false", -1.0)):
        (tmp_path / name).mkdir()
        mapping = MAPPING.replace("order: time", f"order: {{column: $row, ascending: {ascending}}}")
        dataset = imported(tmp_path / name, {"leads.csv": GOOD}, mapping)
        assert dataset.frame("leads")["order"].iloc[0] == first
        assert dataset.manifest.order == "column"


def test_several_files_of_one_source_are_numbered_through(tmp_path: Path) -> None:
    rows = healthy()
    files = {"leads-1.csv": as_csv(rows[:51]), "leads-2.csv": as_csv([rows[0], *rows[51:]])}
    mapping = (
        MAPPING.replace("leads.csv", "'leads-*.csv'")
        .replace("lead_id: id", "lead_id: $row")
        .replace("deal_id: id", "deal_id: $row")
    )
    dataset = imported(tmp_path, files, mapping)
    assert dataset.frame("leads")["lead_id"].tolist() == [str(i) for i in range(1, 101)]
    assert [file.file for file in dataset.manifest.files] == ["leads-1.csv", "leads-2.csv"]


def test_joins_look_up_after_fixes(tmp_path: Path) -> None:
    towns = b"town,land\nRoma,IT\nMadrid,ES\n"
    mapping = MAPPING.replace(
        "    file: leads.csv\n",
        "    file: leads.csv\n    fix: {city: {Rome: Roma}}\n"
        "    join: {source: towns, on: {city: town}, columns: {nation: land}}\n  towns: {file: towns.csv}\n",
    ).replace("      source: channel\n", "      country: nation\n")
    leads = imported(tmp_path, {"leads.csv": GOOD, "towns.csv": towns}, mapping).frame("leads")
    assert leads["country"].iloc[:3].tolist()[:2] == ["IT", "ES"]
    assert leads["country"].isna().sum() == 33  # Lyon is not among the towns


def test_one_row_of_several_leads_becomes_an_activity_of_each(tmp_path: Path) -> None:
    calls = b"who,at\nL00001; L00002;,2023-05-01\n,2023-05-02\nL00003,2023-05-03\n"
    mapping = MAPPING.replace("order: time", "  calls: {file: calls.csv, explode: {column: who}}\norder: time")
    mapping += "  activities: {from: calls, columns: {lead_id: who, occurred_at: at, type: {constant: call}}}\n"
    activities = imported(tmp_path, {"leads.csv": GOOD, "calls.csv": calls}, mapping).frame("activities")
    assert activities["lead_id"].tolist() == ["L00001", "L00002", "L00003"]
    assert activities["activity_id"].is_unique


def test_one_file_feeds_several_tables_and_several_columns_one(tmp_path: Path) -> None:
    mapping = MAPPING + (
        "  activities:\n"
        "    - {from: export, columns: {lead_id: id, occurred_at: created, type: {constant: form_submit}}}\n"
        "    - {from: export, columns: {lead_id: id, occurred_at: closed, type: {constant: call}}}\n"
    )
    dataset = imported(tmp_path, {"leads.csv": GOOD}, mapping)
    assert dataset.frame("activities").groupby("type").size().to_dict() == {"call": 100, "form_submit": 100}


SEVERAL = MAPPING + (
    "  activities:\n"
    "    - {from: export, columns: {lead_id: id, occurred_at: created, type: {constant: form_submit}}}\n"
    "    - {from: export, columns: {lead_id: id, occurred_at: seen, type: {constant: call}}}\n"
)


def seen(cells: dict[int, str]) -> bytes:
    """The healthy export with a column ``seen`` of which some cells (by row in the file) are odd."""
    rows = [[*row, cells.get(i + 1, row[1])] for i, row in enumerate(healthy())]
    rows[0][-1] = "seen"
    return as_csv(rows)


def test_a_source_is_read_once_for_all_its_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[str] = []
    real = csv_reader.read_rows

    def counted(path: Path, source: Source, count: int, bounds: Bounds) -> Iterator[csv_reader.Rows]:
        files.append(path.name)
        return real(path, source, count, bounds)

    monkeypatch.setattr(csv_reader, "read_rows", counted)
    imported(tmp_path, {"leads.csv": seen({})}, SEVERAL)
    assert files == ["leads.csv"]


def test_what_one_block_cannot_read_the_others_still_have(tmp_path: Path) -> None:
    content = seen({3: "BAD"}).replace(b"BAD", b"\xe9\xff")
    dataset = imported(tmp_path, {"leads.csv": content}, SEVERAL)
    assert len(dataset.frame("leads")) == len(dataset.frame("deals")) == 100
    counts = dataset.frame("activities").groupby("type").size().to_dict()
    assert counts == {"call": 99, "form_submit": 100}


def test_rows_of_a_later_table_are_rejected_at_its_turn(tmp_path: Path) -> None:
    rows = {5: "soon", 2: "2150-01-01"}
    imported(tmp_path, {"leads.csv": seen(rows)}, SEVERAL)
    assert [(row["row"], row["column"]) for row in rejected(tmp_path, "activities")] == [
        (5, "seen"),
        (2, "occurred_at"),
    ]
    assert rejected(tmp_path, "leads") == []
    assert not list(tmp_path.rglob("*.spill"))


def test_a_row_that_no_block_can_read_is_rejected_once(tmp_path: Path) -> None:
    imported(tmp_path, {"leads.csv": seen({}) + b"L99999,short\n"}, SEVERAL)
    assert [row["row"] for row in rejected(tmp_path, "leads")] == [102]
    assert rejected(tmp_path, "deals") == rejected(tmp_path, "activities") == []


def test_orphans_may_be_ignored(tmp_path: Path) -> None:
    mapping = MAPPING.replace("order: time", "  calls: {file: calls.csv}\norder: time")
    mapping += (
        "  activities: {from: calls, orphans: ignore,"
        " columns: {lead_id: who, occurred_at: at, type: {constant: call}}}\n"
    )
    dataset = imported(
        tmp_path, {"leads.csv": GOOD, "calls.csv": b"who,at\nX,2023-05-01\nL00001,2023-05-01\n"}, mapping
    )
    assert dataset.manifest.rows["activities"] == 1
    assert dataset.manifest.rejected["activities"] == 0


def test_other_columns_become_attributes_of_the_type_of_their_values(tmp_path: Path) -> None:
    mapping = (
        MAPPING[: MAPPING.index("    attributes:")]
        + "    other_columns: {known_at: created}\n"
        + MAPPING[MAPPING.index("  deals:") :]
    )
    manifest = imported(tmp_path, {"leads.csv": GOOD}, mapping).manifest
    found = {attribute.name: (attribute.kind, attribute.known_at) for attribute in manifest.attributes}
    assert found == {
        "score": ("numeric", "created"),
        "city": ("categorical", "created"),
        "active": ("boolean", "created"),
    }


@pytest.mark.parametrize(("asked", "speaks"), [("", False), (", speaks: true", True), (", speaks: false", False)])
def test_a_score_that_the_crm_gave_does_not_speak_unless_asked_to(tmp_path: Path, asked: str, speaks: bool) -> None:
    manifest = imported(tmp_path, *with_column("lead_score", ["10", "20"], f"type: numeric{asked}")).manifest
    assert {each.name: each.speaks for each in manifest.attributes if each.name != "lead_score"} == {
        "score": True, "city": True, "active": True,
    }  # fmt: skip
    assert [each.speaks for each in manifest.attributes if each.name == "lead_score"] == [speaks]
    told = any("'lead_score' looks like a score of the CRM" in note for note in manifest.notes)
    assert told == (asked == "")


def test_labels_and_the_currency_reach_the_manifest(tmp_path: Path) -> None:
    rule = "type: numeric, label: {en: Rooms asked for, es: Salas pedidas}"
    files, mapping = with_column("rooms", ["3", "4"], rule)
    manifest = imported(tmp_path, files, "currency: CHF\n" + mapping).manifest
    rooms, city = (next(each for each in manifest.attributes if each.name == name) for name in ("rooms", "city"))
    assert (rooms.label, rooms.labels) == ("Rooms asked for", {"en": "Rooms asked for", "es": "Salas pedidas"})
    assert (city.label, city.labels) == ("city", {})
    assert manifest.currency == "CHF"


@pytest.mark.parametrize(
    ("header", "cells", "currencies"),
    [
        ("CurrencyIsoCode", ["EUR", "PLN"], ("EUR", "PLN")),
        ("Divisa", ["euro", "peso"], ("euro", "peso")),
        ("Währung", ["€", "EUR"], ()),
        ("Currency", ["EUR", ""], ()),
        ("Currency rate", ["1.1", "1.2"], ()),
        ("Region", ["EUR", "USD"], ()),
    ],
)
def test_a_column_beside_the_amounts_tells_their_currencies(
    tmp_path: Path, header: str, cells: list[str], currencies: tuple[str, ...]
) -> None:
    rows = [[*row, header if i == 0 else cells[i % 2]] for i, row in enumerate(healthy())]
    manifest = imported(tmp_path, {"leads.csv": as_csv(rows)}).manifest
    assert manifest.currencies == ({"deals.amount": currencies} if currencies else {})
    findings = currency_findings(manifest)
    assert [each.found for each in findings] == ([f"cells in {', '.join(currencies)}"] if currencies else [])


def test_currencies_of_rows_that_are_left_out_and_of_deals_without_an_amount_do_not_count(tmp_path: Path) -> None:
    rows = [[*row, "Currency" if i == 0 else ["EUR", "PLN"][i % 2]] for i, row in enumerate(healthy())]
    where = MAPPING.replace(
        "  deals:\n    from: export\n", "  deals:\n    from: export\n    where: {column: Currency, is: EUR}\n"
    )
    assert imported(tmp_path, {"leads.csv": as_csv(rows)}, where).manifest.currencies == {}
    for row in rows[1:]:
        row[HEADER.index("amount")] = "" if row[-1] == "PLN" else "10"
    (tmp_path / "other").mkdir()
    assert imported(tmp_path / "other", {"leads.csv": as_csv(rows)}).manifest.currencies == {}


def test_files_with_a_currency_each_are_in_several(tmp_path: Path) -> None:
    one, two = ([[*row, "Currency" if i == 0 else code] for i, row in enumerate(healthy())] for code in ("EUR", "PLN"))
    for row in two[1:]:
        row[0] = f"X{row[0]}"
    mapping = MAPPING.replace("file: leads.csv", 'file: "*.csv"')
    manifest = imported(tmp_path, {"a.csv": as_csv(one), "b.csv": as_csv(two)}, mapping).manifest
    assert manifest.currencies == {"deals.amount": ("EUR", "PLN")}


def test_other_columns_leave_out_personal_data_dates_and_keys(tmp_path: Path) -> None:
    rows = healthy()
    extra = ["contact", "uuid", "seen", "First Name", "empty"]
    table = [[*rows[0], *extra]]
    table += [[*row, f"x{i}@acme.com", f"u{i}", "2024-01-01", "Zebulon", ""] for i, row in enumerate(rows[1:])]
    mapping = (
        MAPPING[: MAPPING.index("    attributes:")] + "    other_columns: {}\n" + MAPPING[MAPPING.index("  deals:") :]
    )
    manifest = imported(tmp_path, {"leads.csv": as_csv(table)}, mapping).manifest
    assert {attribute.name for attribute in manifest.attributes} == {"score", "city", "active"}
    notes = " ".join(manifest.notes)
    assert all(f"'{name}'" in notes for name in extra)


def with_column(name: str, cells: list[str], rule: str = "") -> tuple[dict[str, bytes], str]:
    """The healthy export with a column more, whose cells are repeated, and the mapping that reads it."""
    rows = [[*row, name if i == 0 else cells[(i - 1) % len(cells)]] for i, row in enumerate(healthy())]
    mapping = MAPPING.replace("      city:", f"      {name}: {{{rule}}}\n      city:")
    return {"leads.csv": as_csv(rows)}, mapping


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["$1,250.00", "$900", "($3.50)"], [1250, 900, -3.5]),
        (["1.250,00 €", "900 €", "1.000.000 €"], [1250, 900, 1_000_000]),
        (["12%", "7.5 %", "100%"], [12, 7.5, 100]),
        (["1\u202f250,5", "3", "0,25"], [1250.5, 3, 0.25]),
        (["CHF 1'250.00", "CHF 3", "CHF 2"], [1250, 3, 2]),
    ],
)
def test_the_signs_of_numbers_are_told_by_the_column(cells: list[str], values: list[float], tmp_path: Path) -> None:
    dataset = imported(tmp_path, *with_column("price", cells))
    assert dataset.frame("leads")["price"].tolist()[:3] == values
    assert dataset.manifest.notes == ()


def test_a_sign_of_thousands_in_a_wrong_place_makes_a_cell_unreadable(tmp_path: Path) -> None:
    files, mapping = with_column("price", ["1.234,50"] * 30 + ["12.50"], 'type: numeric, decimal: ",", thousands: "."')
    dataset = imported(tmp_path, files, mapping)
    assert set(dataset.frame("leads")["price"]) == {1234.5}
    reasons = pq.read_table(tmp_path / "rejected" / "leads.parquet").to_pylist()
    assert {(each["reason"], each["expected"].split(";")[0]) for each in reasons} == {
        ("'12.50' cannot be read", "a finite number such as 1.234,5")
    }


@pytest.mark.parametrize("cells", [["007", "7", "12"], ["04101", "4101"], ["4006381333931001", "4006381333931002"]])
def test_digits_that_are_codes_stay_text(cells: list[str], tmp_path: Path) -> None:
    dataset = imported(tmp_path, *with_column("branch", cells))
    assert set(dataset.frame("leads")["branch"]) == set(cells)
    assert {each.name: each.kind for each in dataset.manifest.attributes}["branch"] == "categorical"


def test_a_sign_that_may_be_of_decimals_or_of_thousands_is_told(tmp_path: Path) -> None:
    dataset = imported(tmp_path, *with_column("price", ["1,250", "3,500"]))
    assert set(dataset.frame("leads")["price"]) == {"1,250", "3,500"}
    assert "'price' is read as text: a sign in it may be of decimals or of thousands" in dataset.manifest.notes[0]


def test_a_type_that_is_left_open_is_read_with_the_signs_that_the_mapping_gives(tmp_path: Path) -> None:
    dataset = imported(tmp_path, *with_column("price", ["1,250", "3,500"], "thousands: ','"))
    assert set(dataset.frame("leads")["price"]) == {1250, 3500}


def test_an_identifier_is_not_a_category(tmp_path: Path) -> None:
    rows = healthy(2500)
    for i, row in enumerate(rows[1:]):
        row[HEADER.index("city")] = f"City {i}"
    with pytest.raises(
        MappingError, match=r"leads.csv: attribute 'city' of leads has 2,500 different values in 2,500 rows"
    ):
        imported(tmp_path, {"leads.csv": as_csv(rows)})


def test_types_of_parquet_are_taken_as_they_are(tmp_path: Path, expected: pd.DataFrame) -> None:
    rows = healthy()
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(HEADER)}
    arrays = {name: pa.array(cells) for name, cells in columns.items()}
    arrays["created"] = pa.array([dt.datetime.fromisoformat(cell) for cell in columns["created"]], pa.timestamp("ms"))
    arrays["closed"] = pa.array([dt.date.fromisoformat(cell) for cell in columns["closed"]])
    arrays["score"] = (
        pa.array([float(cell) for cell in columns["score"]], pa.float32()).cast(pa.float64()).cast(pa.decimal128(9, 1))
    )
    arrays["city"] = pa.array(columns["city"]).dictionary_encode()
    arrays["active"] = pa.array([cell == "yes" for cell in columns["active"]])
    stream = io.BytesIO()
    pq.write_table(pa.table(arrays), stream)
    (tmp_path / "p").mkdir()
    mapping = MAPPING.replace("leads.csv", "leads.parquet")
    pd.testing.assert_frame_equal(
        imported(tmp_path / "p", {"leads.parquet": stream.getvalue()}, mapping).frame("leads"), expected
    )


def test_two_imports_write_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        imported(tmp_path / name, {"leads.csv": as_csv(spoil("score", "high", [3]))})
        written = [
            path for path in sorted((tmp_path / name).rglob("*.*")) if path.parent.name in ("tables", "rejected")
        ]
        contents.append([path.read_bytes() for path in written])
    assert contents[0] == contents[1]
    assert len(contents[0]) == 14


def test_a_new_import_replaces_the_one_before(tmp_path: Path) -> None:
    imported(tmp_path, {"leads.csv": GOOD})
    (tmp_path / "tables" / "stale.txt").write_text("old")
    checked = check_mapping(parse_located(MAPPING, "m.yaml"))
    manifest = import_tables(
        checked, tmp_path / "source", tmp_path / "tables", tmp_path / "rejected", resources=Resources.of()
    )
    assert isinstance(manifest, DatasetManifest)
    assert not (tmp_path / "tables" / "stale.txt").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rejected", "source", "tables"]
