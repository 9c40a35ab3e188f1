"""Expectations follow from the contracts, and each of them can fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.checks.columns import one_of
from data_contracts.checks.expectations import findings, run_suite
from data_contracts.checks.finding import Finding
from data_contracts.checks.run import check_specs
from data_contracts.contract import Column, load_contract
from data_contracts.dataset import TABLES
from tests.data_contracts.broken import MANIFEST, sound, write

WRONG_TYPE = {
    "string": pd.to_datetime("2024-01-01", utc=True),
    "number": "many",
    "integer": "many",
    "boolean": "yes",
    "timestamp": "yesterday",
}


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    dataset = write(tmp_path_factory.mktemp("sound"), sound())
    return {table: dataset.frame(table) for table in TABLES}


def verdicts(table: str, frame: pd.DataFrame) -> dict[str, Finding]:
    specs = check_specs(table, MANIFEST)
    return {each.name: each for each in findings(specs, run_suite(frame, table, specs))}


def breaking(column: Column) -> Iterator[tuple[str, Any, str]]:
    """Every way, but the type, in which the contract says that a value can be wrong: claim, value, level."""
    name = column.name
    if column.required:
        yield f"{name} is given", None, "error"
    if column.allowed:
        yield f"{name} is {one_of(column.allowed)}", "something else", "error"
    if column.minimum is not None and column.maximum is not None:
        claim = f"{name} is from {column.minimum:g} to {column.maximum:g}"
        yield claim, column.minimum - 1, "warning"
        yield claim, column.maximum + 1, "warning"
    elif column.minimum is not None:
        yield f"{name} is at least {column.minimum:g}", column.minimum - 1, "warning"


@pytest.mark.parametrize("table", TABLES)
def test_sound_rows_meet_every_expectation(table: str, frames: dict[str, pd.DataFrame]) -> None:
    assert [each for each in verdicts(table, frames[table]).values() if not each.passed] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_column_and_attribute_has_an_expectation(table: str, frames: dict[str, pd.DataFrame]) -> None:
    claims = verdicts(table, frames[table])
    for name in frames[table].columns:
        assert any(claim.startswith(f"{name} holds ") for claim in claims)


@pytest.mark.parametrize("table", TABLES)
def test_each_value_that_breaks_the_contract_is_found(table: str, frames: dict[str, pd.DataFrame]) -> None:
    rows = frames[table].astype(object)
    cases = [(column.name, *case) for column in load_contract(table).columns for case in breaking(column)]
    for row, (name, _claim, value, _level) in enumerate(cases):
        rows.loc[row, name] = value
    frame = rows.astype(frames[table].dtypes)
    broken = {name: each.level for name, each in verdicts(table, frame).items() if not each.passed}
    assert broken == {claim: level for _name, claim, _value, level in cases}


@pytest.mark.parametrize("table", TABLES)
def test_each_column_of_the_wrong_type_is_found(table: str, frames: dict[str, pd.DataFrame]) -> None:
    contract = load_contract(table)
    wrong = {column.name: [WRONG_TYPE[column.kind]] * len(frames[table]) for column in contract.columns}
    found = verdicts(table, pd.DataFrame(dict(frames[table].items()) | wrong))
    for column in contract.columns:
        (claim,) = (name for name in found if name.startswith(f"{column.name} holds "))
        assert not found[claim].passed
        assert found[claim].level == "error"


@pytest.mark.parametrize("table", [table for table in TABLES if load_contract(table).key])
def test_a_key_that_comes_twice_is_found_with_its_id(table: str, frames: dict[str, pd.DataFrame]) -> None:
    key = load_contract(table).key
    assert key is not None
    frame = frames[table].copy()
    twice = str(frame[key].iloc[3])
    frame[key] = [twice if place == 7 else value for place, value in enumerate(frame[key])]
    found = verdicts(table, frame)[f"{key} is unique"]
    assert not found.passed
    assert found.rows == 2
    assert found.examples == (twice,)
    assert found.found == f"2 of {len(frame)} rows break this"


def test_an_absent_and_an_unknown_column_are_named(frames: dict[str, pd.DataFrame]) -> None:
    frame = frames["accounts"].drop(columns=["founded_year"]).assign(mascot="owl")
    found = verdicts("accounts", frame)
    assert found["has the columns of its contract"].found == "unexpected: mascot; missing: founded_year"
    assert found["founded_year is from 1000 to 2100"].found == "the column is absent"


def test_no_value_that_breaks_a_contract_is_kept(frames: dict[str, pd.DataFrame]) -> None:
    frame = frames["leads"].copy()
    frame.loc[3, "email_kind"] = "ada@example.com"
    result = run_suite(frame, "leads", check_specs("leads", MANIFEST))
    assert not result.success
    assert "ada@example.com" not in str(result.to_json_dict())
    assert "L3" in str(result.to_json_dict())


def test_columns_without_any_value_meet_their_type(tmp_path: Path) -> None:
    rows = sound()
    rows["leads"] = [{"lead_id": row["lead_id"]} for row in rows["leads"]]
    frame = write(tmp_path, rows).frame("leads")
    assert all(each.passed for each in verdicts("leads", frame).values())


def test_the_parquet_types_are_those_expected(frames: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    dataset = write(tmp_path, {table: [] for table in TABLES})
    for table in TABLES:
        assert pq.read_metadata(dataset.path(table)).num_rows == 0
        assert all(each.passed for each in verdicts(table, dataset.frame(table)).values())


@settings(max_examples=15, deadline=None)
@given(shares=st.lists(st.floats(-3, 3, allow_nan=False), min_size=1, max_size=20))
def test_as_many_rows_are_counted_as_lie_outside_the_bounds(shares: list[float]) -> None:
    column = load_contract("dispositions").column("sentiment")
    contract = load_contract("dispositions")
    rows = {name: pd.Series(["x"] * len(shares)) for name in contract.names}
    frame = pd.DataFrame(rows | {"sentiment": shares, "disposition_id": [str(i) for i in range(len(shares))]})
    found = verdicts("dispositions", frame)["sentiment is from -1 to 1"]
    assert column.minimum is not None
    assert column.maximum is not None
    outside = sum(not column.minimum <= share <= column.maximum for share in shares)
    assert found.rows == outside
    assert found.passed == (outside == 0)
