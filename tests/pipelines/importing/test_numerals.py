"""Numerals: what each locale writes is read, and what could be two numbers is not."""

import math

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.importing.numerals import PLAINLY, STYLES, Style, are_codes, read_numerals, styles_of

ENGLISH, GERMAN, FRENCH, SWISS = Style(".", ","), Style(",", "."), Style(",", " "), Style(".", "'")


def read(cells: list[str], style: Style = PLAINLY) -> list[float | None]:
    found: list[float | None] = read_numerals(pa.array(cells, pa.string()), style).to_pylist()
    return found


def written(value: int, decimals: str, style: Style) -> str:
    return f"{value:,}".replace(",", style.thousands) + (style.decimal + decimals if decimals else "")


@pytest.mark.parametrize(
    ("style", "cells", "values"),
    [
        (PLAINLY, ["$40000", "12%", "7.5 %", "EUR 3", "3 eur", "₹5", "US$ 8.50", "12 zł", "kr. 9"],
         [40000, 12, 7.5, 3, 3, 5, 8.5, 12, 9]),
        (ENGLISH, ["$1,250.00", "1,250", "£1,234,567.8", "12,34,567.00", "999"], [1250, 1250, 1234567.8, 1234567, 999]),
        (GERMAN, ["1.250,00 €", "R$ 1.250,50", "1.234.567", "0,5", "12"], [1250, 1250.5, 1234567, 0.5, 12]),
        (FRENCH, ["1 250,50", "1\u00a0250,50\u00a0€", "1\u202f234\u202f567"], [1250.5, 1250.5, 1234567]),
        (SWISS, ["CHF 1'250.50", "1\u2019250"], [1250.5, 1250]),
    ],
)  # fmt: skip
def test_numbers_are_read_as_each_country_writes_them(style: Style, cells: list[str], values: list[float]) -> None:
    assert read(cells, style) == values


def test_every_way_to_write_a_minus() -> None:
    assert read(["-5", "\u22125", "-$5", "$-5", "(5)", "($5)", "5-", "5- €"]) == [-5] * 8
    assert read(["--5", "(-5)", "(5", "5)", "-5-"]) == [None] * 5


@pytest.mark.parametrize(
    ("style", "cells"),
    [
        (GERMAN, ["12.50", "9.5", "1.2.3.4", "0.500", "1234.567", "1.234.56", "1,234.50", "1,2,3", "."]),
        (ENGLISH, ["12,50", "9,5", "1,2,3", "0,500", "1234,567", "1,23,45", "1.234,50"]),
        (PLAINLY, ["1,250", "1,5", "$1,250.00", "1 250"]),
        (Style(","), ["9.5", "1.250"]),
        (PLAINLY, ["TOP 10", "$", "%", "12 %%", "10k", "5-7", "٣", "1e", "ABC 123"]),
    ],
)
def test_what_is_written_otherwise_is_not_read(style: Style, cells: list[str]) -> None:
    assert read(cells, style) == [None] * len(cells)


@given(
    style=st.sampled_from(STYLES),
    value=st.integers(0, 10**12),
    decimals=st.text("0123456789", max_size=3),
    sign=st.sampled_from(["", "-", "+"]),
    unit=st.sampled_from(["{}", "${}", "{} €", "EUR {}", "{}%", "R$ {}", "{}\u00a0zł"]),
)
def test_a_number_survives_being_written_in_any_style(
    style: Style, value: int, decimals: str, sign: str, unit: str
) -> None:
    cell = sign + unit.format(written(value, decimals, style))
    expected = float(f"{sign}{value}.{decimals or 0}")
    assert read([cell], style) == [expected]


@given(style=st.sampled_from(STYLES), value=st.integers(0, 10**9), decimals=st.text("0123456789", max_size=4))
def test_no_other_style_reads_a_number_as_a_thousand_times_another_without_being_told(
    style: Style, value: int, decimals: str
) -> None:
    cell = written(value, decimals, style)
    right = float(f"{value}.{decimals or 0}")
    (mine,) = read([cell], style)
    assert mine == right
    others = {read([cell], each)[0] for each in styles_of(pa.array([cell]))}
    assert right in others  # if several are left, the cell is ambiguous and all are named


@given(st.text(max_size=10), st.sampled_from(STYLES))
def test_any_text_is_a_finite_number_or_none(cell: str, style: Style) -> None:
    assume("e" not in cell.lower())
    (found,) = read([cell], style)
    assert found is None or math.isfinite(found)


def test_the_style_is_told_where_only_one_reads_every_cell() -> None:
    assert styles_of(pa.array(["1.234,50", "3"])) == (GERMAN,)
    assert styles_of(pa.array(["1,250", "1,250,000"])) == (ENGLISH,)
    assert styles_of(pa.array(["0,5"])) == (Style(","),)
    assert styles_of(pa.array(["12%", "5"])) == (PLAINLY,)
    assert styles_of(pa.array(["1,250"])) == (
        Style(","),
        ENGLISH,
    )  # nobody can tell
    assert styles_of(pa.array(["1.250"])) == (
        PLAINLY,
        GERMAN,
    )
    assert styles_of(pa.array(["red", "1"])) == styles_of(pa.array([None], pa.string())) == ()


@pytest.mark.parametrize(("cell", "code"), [
    ("007", True), ("04101", True), ("-07", True), ("4006381333931000", True),
    ("0", False), ("0.5", False), ("10", False), ("4006381333931", False), ("-0.5", False), ("1.00", False),
    ("0,5", False), ("1.007", False), ("1,000,000.00", False),
])  # fmt: skip
def test_digits_that_are_a_code(cell: str, code: bool) -> None:
    assert are_codes(pa.array(["1", cell, None])) is code
