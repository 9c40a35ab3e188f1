"""Cells: what is read as which value, and what is marked as unreadable."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.contract import Kind
from data_contracts.mapping.rules import Rule
from pipelines.importing.cells import convert, text, times

UTC = dt.UTC


def read(cells: list[str | None], kind: Kind, rule: Rule | None = None, *, excel: bool = False) -> list[object]:
    array, bad = convert(pa.array(cells, pa.string()), kind, rule or Rule(), excel=excel)
    found: list[object] = array.to_pylist()
    return ["bad" if wrong else value for value, wrong in zip(found, bad, strict=True)]


def test_numbers_are_read_as_written() -> None:
    assert read(["1.5", "-2", "+3", "1e3", ".5", "5.", None], "number") == [1.5, -2, 3, 1000, 0.5, 5, None]
    assert read(["1.234,5"], "number", Rule(decimal=",", thousands=".")) == [1234.5]
    assert read(["2"], "number", Rule(scale=1e6)) == [2e6]


def test_what_is_no_finite_number_is_marked() -> None:
    assert read(["inf", "NaN", "1e999", "1,5", "0x1F", "--1", "1 2", "٣"], "number") == ["bad"] * 8
    assert read(["1.5", "2"], "integer") == ["bad", 2]


def test_infinity_in_a_column_of_numbers_is_bad_and_nan_is_missing() -> None:
    array, bad = convert(pa.array([1.0, float("inf"), float("nan"), None]), "number", Rule())
    assert (array.to_pylist(), bad.tolist()) == ([1.0, None, None, None], [False, True, False, False])


def test_truth_values_in_many_words() -> None:
    assert read(["Yes", "n", "TRUE", "0", "1.0", "maybe"], "boolean") == [True, False, True, False, True, "bad"]


def test_iso_times_with_and_without_a_zone() -> None:
    cells = ["2021-01-02", "2021-01-02T03:04:05.123+02:00", "2021-01-02 10:11:12Z", "2021-01-02 10:11+0100"]
    assert read([*cells], "timestamp") == [
        dt.datetime(2021, 1, 2, tzinfo=UTC),
        dt.datetime(2021, 1, 2, 1, 4, 5, 123000, tzinfo=UTC),
        dt.datetime(2021, 1, 2, 10, 11, 12, tzinfo=UTC),
        dt.datetime(2021, 1, 2, 9, 11, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "cell", ["2021-1-2", "44197", "02/01/2021", "9999-12-31", "2021-02-30", "2021", "0001-01-01", "2021-01-02T25:00"]
)
def test_what_is_no_iso_date_between_1900_and_2199_is_marked(cell: str) -> None:
    assert read([cell], "timestamp") == ["bad"]


def test_local_times_become_utc_across_the_change_of_the_clock() -> None:
    rule = Rule(timezone="Europe/Madrid")
    cells = ["2021-01-01 12:00", "2021-07-01 12:00", "2021-10-31 02:30", "2021-03-28 02:30"]
    assert read([*cells], "timestamp", rule) == [
        dt.datetime(2021, 1, 1, 11, tzinfo=UTC),
        dt.datetime(2021, 7, 1, 10, tzinfo=UTC),
        dt.datetime(2021, 10, 31, 0, 30, tzinfo=UTC),  # twice on the clock: the earlier
        dt.datetime(2021, 3, 28, 1, 0, tzinfo=UTC),  # never on the clock: when it goes on
    ]


def test_formats_are_tried_in_order() -> None:
    rule = Rule(format=("%d/%m/%Y", "%m/%d/%Y"))
    assert read(["03/02/2021", "12/31/2021", "2021-01-01"], "timestamp", rule) == [
        dt.datetime(2021, 2, 3, tzinfo=UTC),
        dt.datetime(2021, 12, 31, tzinfo=UTC),
        "bad",
    ]


def test_numbers_as_times_need_their_format() -> None:
    day = dt.datetime(2021, 1, 1, 12, tzinfo=UTC)
    assert read(["44197.5"], "timestamp", Rule(format=("excel",))) == [day]
    assert read(["1609502400"], "timestamp", Rule(format=("unix",))) == [day]
    assert read(["1609502400000"], "timestamp", Rule(format=("unix_ms",))) == [day]
    assert read(["44197.5"], "timestamp") == ["bad"]


def test_numbers_in_the_date_column_of_a_sheet_are_excel_dates() -> None:
    assert read(["44197", "2021-01-01"], "timestamp", excel=True) == [dt.datetime(2021, 1, 1, tzinfo=UTC)] * 2


def test_times_of_parquet_are_taken_as_they_are() -> None:
    local = pa.array([dt.datetime(2021, 7, 1, 12)], pa.timestamp("ns"))
    assert times(local, Rule(timezone="Europe/Rome")).to_pylist() == [dt.datetime(2021, 7, 1, 10, tzinfo=UTC)]
    assert times(pa.array([dt.date(2021, 7, 1)]), Rule()).to_pylist() == [dt.datetime(2021, 7, 1, tzinfo=UTC)]


def test_ids_that_were_read_as_numbers_are_whole() -> None:
    assert text(pa.array([12.0, None, 7.0])).to_pylist() == ["12", None, "7"]
    assert text(pa.array([12.5, 7.0])).to_pylist() == ["12.5", "7"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1))
def test_numbers_survive_being_written_and_read(values: list[float]) -> None:
    array, bad = convert(pa.array([repr(value) for value in values]), "number", Rule())
    assert not bad.any()
    assert np.array_equal(array.to_numpy(), np.array(values, dtype=float))


@given(st.datetimes(min_value=dt.datetime(1900, 1, 2), max_value=dt.datetime(2199, 12, 31)))
def test_times_survive_being_written_and_read(moment: dt.datetime) -> None:
    assert read([moment.isoformat()], "timestamp") == [moment.replace(tzinfo=UTC)]


@given(st.lists(st.text(max_size=12), min_size=1))
def test_any_text_is_read_or_marked_for_every_kind(cells: list[str]) -> None:
    kinds: tuple[Kind, ...] = ("string", "number", "integer", "boolean", "timestamp")
    for kind in kinds:
        array, bad = convert(pa.array(cells), kind, Rule())
        assert len(array) == len(bad) == len(cells)
        assert (np.array(array.is_null()) == bad).all()
