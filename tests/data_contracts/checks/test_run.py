"""Checks across tables and rows: sound data pass all of them, and each of them can fail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data_contracts.checks.finding import Finding
from data_contracts.checks.run import run_checks
from data_contracts.checks.tables import MAX_LEVELS
from data_contracts.dataset import TABLES, Attribute, DatasetManifest
from data_contracts.errors import FileError
from tests.data_contracts.broken import MANIFEST, Rows, changed, day, sound, write

FUTURE = datetime(2025, 6, 1, tzinfo=UTC)
ANCIENT = datetime(1970, 1, 1, tzinfo=UTC)
FEW, MANY = 3, 30  # of 100 rows: below and above the tolerated share


def broken(directory: Path, rows: Rows, manifest: DatasetManifest = MANIFEST) -> dict[tuple[str, str], Finding]:
    found = run_checks(write(directory, rows, manifest), threads=2, memory=10**9)
    assert len({(each.table, each.name) for each in found}) == len(found)
    return {(each.table, each.name): each for each in found if not each.passed}


def test_sound_data_pass_every_check(tmp_path: Path) -> None:
    assert broken(tmp_path, sound()) == {}


# Table, column, value that breaks the claim, claim, level when many rows break it.
ROW_CASES: list[tuple[str, str, Any, str, str]] = [
    ("leads", "account_id", "A?", "account_id exists in accounts", "warning"),
    ("leads", "created_at", ANCIENT, "created_at is not before 1990", "error"),
    ("leads", "created_at", FUTURE, "created_at is not in the future", "error"),
    ("leads", "created_at", None, "created_at places each lead in time", "error"),
    ("accounts", "founded_year", 1990.5, "founded_year is whole", "warning"),
    ("activities", "lead_id", "L?", "lead_id exists in leads", "error"),
    ("activities", "occurred_at", ANCIENT, "occurred_at is not before 1990", "error"),
    ("activities", "occurred_at", FUTURE, "occurred_at is not in the future", "error"),
    ("activities", "occurred_at", day(-1), "an activity is not before the lead", "warning"),
    ("deals", "lead_id", "L?", "lead_id exists in leads", "error"),
    ("deals", "opened_at", ANCIENT, "opened_at is not before 1990", "error"),
    ("deals", "opened_at", FUTURE, "opened_at is not in the future", "error"),
    ("deals", "opened_at", day(-1), "an open is not before the lead", "warning"),
    ("deals", "closed_at", ANCIENT, "closed_at is not before 1990", "error"),
    ("deals", "closed_at", FUTURE, "closed_at is not in the future", "error"),
    ("deals", "closed_at", day(-1), "a close is not before the open", "error"),
    ("dispositions", "lead_id", "L?", "lead_id exists in leads", "error"),
    ("dispositions", "at", ANCIENT, "at is not before 1990", "error"),
    ("dispositions", "at", FUTURE, "at is not in the future", "error"),
    ("dispositions", "at", day(-1), "a disposition is not before the lead", "warning"),
    ("changes", "lead_id", "L?", "lead_id exists in leads", "error"),
    ("changes", "lead_id", None, "a change names a lead or an account", "error"),
    ("changes", "account_id", "A2", "a change names a lead or an account", "error"),
    ("changes", "field", "shoe size", "field is a column", "warning"),
    ("changes", "changed_at", ANCIENT, "changed_at is not before 1990", "error"),
    ("changes", "changed_at", FUTURE, "changed_at is not in the future", "error"),
]


@pytest.mark.parametrize(("table", "column", "value", "claim", "level"), ROW_CASES)
def test_rows_that_break_a_claim_are_counted_and_named(
    tmp_path: Path, table: str, column: str, value: Any, claim: str, level: str
) -> None:
    found = broken(tmp_path, changed(table, column, [value] * MANY))[(table, claim)]
    assert (found.level, found.rows) == (level, MANY)
    assert found.advice
    if table != "changes":
        assert len(found.examples) == 5


def test_a_few_broken_rows_are_dirt_and_no_error(tmp_path: Path) -> None:
    rows = sound()
    for table, column, value, _claim, _level in {case[:2]: case for case in ROW_CASES}.values():
        if (table, column) != ("changes", "account_id"):
            for row in rows[table][:FEW]:
                row[column] = value
    found = broken(tmp_path, rows)
    assert len(found) >= 9
    assert {each.level for each in found.values()} == {"warning"}


@pytest.mark.parametrize("table", ["leads", "accounts", "activities", "deals", "dispositions"])
def test_one_repeated_id_is_an_error_that_shows_it(tmp_path: Path, table: str) -> None:
    rows = sound()
    rows[table].append(rows[table][4])
    key = next(iter(write(tmp_path / "names", rows).frame(table).columns))
    found = broken(tmp_path / "twice", rows)[(table, f"{key} is unique")]
    assert (found.level, found.rows, found.examples) == ("error", 2, (rows[table][4][key],))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("leads", "order"),
        ("leads", "visits"),
        ("accounts", "employees"),
        ("accounts", "annual_revenue"),
        ("accounts", "founded_year"),
        ("activities", "value"),
        ("deals", "amount"),
        ("dispositions", "sentiment"),
    ],
)
def test_one_infinite_number_is_an_error(tmp_path: Path, table: str, column: str) -> None:
    found = broken(tmp_path, changed(table, column, [float("-inf")]))
    assert found[(table, f"{column} is finite")].level == "error"


def test_an_account_of_a_change_must_exist(tmp_path: Path) -> None:
    rows = sound()
    rows["changes"][-1]["account_id"] = "A?"
    assert broken(tmp_path, rows)[("changes", "account_id exists in accounts")].examples == ("A?",)


def test_the_planned_close_of_an_open_deal_may_lie_in_the_future(tmp_path: Path) -> None:
    rows = sound()
    rows["deals"].append({"deal_id": "D?", "lead_id": "L1", "outcome": "open", "closed_at": FUTURE})
    assert broken(tmp_path, rows) == {}


def test_the_present_stands_in_for_a_cutoff_that_is_not_known(tmp_path: Path) -> None:
    unknown = MANIFEST.model_copy(update={"data_cutoff": None})
    assert broken(tmp_path / "past", sound(), unknown) == {}
    rows = sound()
    rows["activities"][0]["occurred_at"] = datetime.now(UTC) + timedelta(days=2)
    assert ("activities", "occurred_at is not in the future") in broken(tmp_path / "future", rows, unknown)


def test_ids_that_are_addresses_are_not_shown(tmp_path: Path) -> None:
    rows = sound()
    rows["activities"][0] |= {"activity_id": "ada@example.com", "lead_id": "L?"}
    found = broken(tmp_path, rows)[("activities", "lead_id exists in leads")]
    assert found.examples == ("(an e-mail address)",)


# Claim, table, level, and what is done to sound rows.
def emptied(table: str, *columns: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows[table]:
            row.update(dict.fromkeys(columns))
        if not columns:
            rows[table].clear()

    return change


TABLE_CASES: list[tuple[str, str, str, str, Callable[[Rows], None]]] = [
    ("deals", "has rows", "error", "0 rows", emptied("deals")),
    ("leads", "has rows", "error", "0 rows", emptied("leads")),
    ("activities", "has rows", "warning", "0 rows", emptied("activities")),
    ("leads", "columns have values", "warning", "no value in has_name", emptied("leads", "has_name")),
    ("accounts", "columns have values", "warning", "no value in kind", emptied("accounts", "kind")),
    ("leads", "attributes vary", "warning", "one value or none in visits", emptied("leads", "visits")),
    ("accounts", "attributes vary", "warning", "one value or none in is_partner", emptied("accounts", "is_partner")),
]


@pytest.mark.parametrize(("table", "claim", "level", "found", "change"), TABLE_CASES)
def test_a_table_that_will_not_do_is_reported(
    tmp_path: Path, table: str, claim: str, level: str, found: str, change: Callable[[Rows], None]
) -> None:
    rows = sound()
    change(rows)
    verdict = broken(tmp_path, rows)[(table, claim)]
    assert verdict.level == level
    assert verdict.found.startswith(found)


def test_an_attribute_with_a_value_of_its_own_per_lead_is_reported(tmp_path: Path) -> None:
    rows = sound()
    rows["leads"] += [
        rows["leads"][0] | {"lead_id": f"M{i}", "city": f"city {i}"} for i in range(MAX_LEVELS + 1)
    ]  # fmt: skip
    found = broken(tmp_path, rows)[("leads", "attributes repeat their values")]
    assert found.found == "more than 1,000 different values in city"


def test_rejected_rows_are_told_and_fail_when_they_are_many(tmp_path: Path) -> None:
    few = broken(tmp_path / "few", sound(), MANIFEST.model_copy(update={"rejected": {"leads": 2}}))
    assert few[("leads", "rows could be read")].found == "2 of 102 rows rejected (2.0%)"
    assert few[("leads", "rows could be read")].level == "warning"
    many = broken(tmp_path / "many", sound(), MANIFEST.model_copy(update={"rejected": {"leads": 50}}))
    assert many[("leads", "rows could be read")].level == "error"


@pytest.mark.parametrize(
    ("order", "found"), [("column", "undated: only an order is known"), ("none", "undated, in no order")]
)
def test_undated_data_are_noted_and_need_no_dates(tmp_path: Path, order: str, found: str) -> None:
    rows = sound()
    emptied("leads", "created_at")(rows)
    emptied("deals", "opened_at", "closed_at")(rows)
    claims = broken(tmp_path, rows, MANIFEST.model_copy(update={"order": order}))
    assert claims.pop(("leads", "leads are dated")).found == found
    assert set(claims) == {("deals", "columns have values")}


def test_leads_without_a_place_in_the_order_are_told(tmp_path: Path) -> None:
    rows = changed("leads", "order", [None] * MANY)
    found = broken(tmp_path, rows, MANIFEST.model_copy(update={"order": "column"}))
    assert found[("leads", "order places each lead in time")].level == "error"


def test_wins_without_a_date_cannot_be_counted_within_a_horizon(tmp_path: Path) -> None:
    found = broken(tmp_path, changed("deals", "closed_at", [None] * MANY))[("deals", "a won deal has a close")]
    assert (found.level, found.rows) == ("error", MANY // 2)


def test_deals_of_data_without_a_horizon_need_no_close(tmp_path: Path) -> None:
    rows = changed("deals", "closed_at", [None] * MANY)
    assert broken(tmp_path, rows, MANIFEST.model_copy(update={"horizon_days": "until_closed"})) == {}


def test_names_with_quotes_are_only_names(tmp_path: Path) -> None:
    odd = 'he said "hi"; DROP VIEW leads --'
    attributes = tuple(
        Attribute(table="leads", name=f"{odd} {kind}", kind=kind, label="x") for kind in ("numeric", "categorical")
    )
    rows = sound()
    for i, row in enumerate(rows["leads"]):
        row |= {f"{odd} numeric": float("inf") if i == 0 else float(i), f"{odd} categorical": str(i % 3)}
    manifest = MANIFEST.model_copy(update={"attributes": (*MANIFEST.attributes, *attributes)})
    assert set(broken(tmp_path, rows, manifest)) == {("leads", f"{odd} numeric is finite")}


def test_a_quote_in_the_directory_is_only_a_quote(tmp_path: Path) -> None:
    assert broken(tmp_path / "o'neill", sound()) == {}


def test_an_absent_column_is_reported_and_nothing_else(tmp_path: Path) -> None:
    dataset = write(tmp_path, sound())
    table = pq.read_table(dataset.path("deals"))
    pq.write_table(table.drop_columns(["outcome"]).append_column("stage", table["lead_id"]), dataset.path("deals"))
    found = run_checks(dataset, threads=2, memory=10**9)
    assert [(each.table, each.found) for each in found if not each.passed] == [
        ("deals", "outcome is absent; stage belongs to no contract")
    ]
    assert len(found) == len(TABLES)


def test_a_column_of_another_type_is_reported(tmp_path: Path) -> None:
    dataset = write(tmp_path, sound())
    table = pq.read_table(dataset.path("leads"))
    position = table.schema.get_field_index("order")
    pq.write_table(table.set_column(position, "order", table["lead_id"]), dataset.path("leads"))
    (found,) = (each for each in run_checks(dataset, threads=2, memory=10**9) if not each.passed)
    assert found.found == "order is string and not double"


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    dataset = write(tmp_path, sound())
    dataset.path("changes").unlink()
    with pytest.raises(FileError, match=r"changes\.parquet does not exist.*whylead import"):
        run_checks(dataset, threads=2, memory=10**9)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    dataset = write(tmp_path, sound())
    dataset.path("leads").write_bytes(dataset.path("leads").read_bytes()[:100])
    with pytest.raises(FileError, match=r"leads\.parquet is not a Parquet file"):
        run_checks(dataset, threads=2, memory=10**9)


def test_a_file_with_damaged_pages_is_reported(tmp_path: Path) -> None:
    dataset = write(tmp_path, sound())
    whole = bytearray(dataset.path("leads").read_bytes())
    whole[4 : len(whole) // 2] = bytes(len(whole) // 2 - 4)
    dataset.path("leads").write_bytes(whole)
    with pytest.raises(FileError, match="cannot be read"):
        run_checks(dataset, threads=2, memory=10**9)


def test_each_table_is_heard_of_when_it_is_done(tmp_path: Path) -> None:
    heard: list[str] = []
    run_checks(write(tmp_path, sound()), threads=2, memory=10**9, advance=heard.append)
    assert tuple(heard) == TABLES
