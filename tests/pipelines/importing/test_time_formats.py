"""Dates as CRMs and Excel write them are told by their cells, and what a column leaves open is said."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from babel.dates import format_date, format_datetime, get_timezone
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data_contracts.mapping.rules import Rule
from pipelines.importing.cells import times
from pipelines.importing.time_formats import TimeStyle, numeric_time_style, time_style

WITH_SHORT_ZONES = (
    "en_US", "en_GB", "es_ES", "es_MX", "it_IT", "fr_FR", "de_DE", "de_CH", "pt_BR", "pt_PT", "nl_NL", "pl_PL", "ru_RU",
    "tr_TR", "ja_JP",
)  # fmt: skip
LOCALES = (
    *WITH_SHORT_ZONES, "en_CA", "en_IN", "es_CO", "es_PE", "fr_CA", "fr_CH", "fr_MA", "nl_BE", "cs_CZ", "hu_HU",
)  # fmt: skip
WRITTEN = {
    "%m/%d/%Y, %I:%M %p": "1/30/2025, 9:05 AM",
    "%m/%d/%y": "1/30/25",
    "%m/%d/%Y %H:%M": "1/30/2025 9:05",
    "%d.%m.%Y %H:%M:%S": "30.01.2025 09:05:00",
    "%d.%m.%Y %H.%M.%S": "30.01.2025 09.05.00",
    "%d.%m.%Y, %H:%M Uhr": "30.01.2025, 09:05 Uhr",
    "%Y-%m-%d %I:%M:%S %p": "2025-01-30 09:05:00 AM",
    "%d %b %Y": "30 January 2025",
    "%b %d, %Y": "Jan 30, 2025",
    "%d-%b-%y": "30-ene-25",
    "%d de %b de %Y": "30 de enero de 2025",
    "%d. %b %Y": "30. Januar 2025",
    "%d/%m/%Y %I:%M %p": "30/1/2025 9:05 a.\u00a0m.",
    "%Y/%m/%d %p %I:%M": "2025/1/30 午前 9:05",
    "%Y年%m月%d日": "2025年1月30日",
    "iso": "2025-01-30T09:05:00Z",
}


@pytest.mark.parametrize(("written", "cell"), WRITTEN.items())
def test_each_way_of_writing_a_date_is_told_and_read(written: str, cell: str) -> None:
    column = pa.array([cell, cell])
    style = time_style(column)
    assert style == TimeStyle((written,))
    assert times(column, Rule(format=style.formats)).to_pylist()[0].date() == datetime(2025, 1, 30).date()


@pytest.mark.parametrize("word", ["gennaio", "März", "août", "fevereiro", "mei", "stycznia", "сентября", "Ağustos"])
def test_months_are_read_in_many_languages(word: str) -> None:
    column = pa.array([f"3 {word} 2025"])
    assert time_style(column) == TimeStyle(("%d %b %Y",))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2039, 1, 1)), min_size=40, max_size=60))
def test_what_is_told_reads_the_moment_that_was_written(moments: list[datetime]) -> None:
    for written in ("%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%y", "%d %b %Y %H:%M:%S", "%Y-%m-%d %I:%M %p"):
        cells = pa.array([moment.strftime(written) for moment in [*moments, datetime(2025, 12, 31)]])
        style = time_style(cells)
        assert style is not None
        read = times(cells, Rule(format=style.formats)).to_pylist()
        told = [moment.strftime(written) for moment in read]
        assert told == cells.to_pylist()


@pytest.mark.parametrize("cell", ["2025-01-30 09:05:07 UTC", "2025-01-30T09:05:07UTC", "2025-01-30 09:05:07.25 UTC"])
def test_iso_times_may_end_in_the_letters_of_their_zone(cell: str) -> None:
    column = pa.array([cell, cell])
    assert time_style(column) == TimeStyle(("iso",))
    assert times(column, Rule()).to_pylist()[0].replace(microsecond=0) == datetime(2025, 1, 30, 9, 5, 7, tzinfo=UTC)


def test_two_ways_of_writing_in_one_column_are_both_read() -> None:
    cells = pa.array([f"1/{day}/2025" for day in range(1, 30)] + [f"1/{day}/2025 9:05" for day in range(1, 20)])
    assert time_style(cells) == TimeStyle(("%m/%d/%Y", "%m/%d/%Y %H:%M"))


def test_a_few_cells_that_are_no_dates_are_counted_and_many_make_a_text() -> None:
    days = [f"2025-01-{day:02d}" for day in range(1, 30)] * 2
    assert time_style(pa.array([*days, "soon"])) == TimeStyle(("iso",), misfits=1)
    assert time_style(pa.array([*days, *["soon"] * 20])) is None


def test_a_slip_that_could_be_either_day_is_left_out_instead_of_guessed() -> None:
    days = [f"2025-01-{day:02d}" for day in range(1, 30)] * 2
    assert time_style(pa.array([*days, "03/04/2025"])) == TimeStyle(("iso",), misfits=1)


def test_where_day_and_month_cannot_be_told_apart_it_is_said() -> None:
    cells = pa.array(["03/04/2025", "05/06/2025"])
    assert time_style(cells, day_first=False) == TimeStyle(("%m/%d/%Y",), unsure=True)
    assert time_style(cells, day_first=True) == TimeStyle(("%d/%m/%Y",), unsure=True)


@pytest.mark.parametrize(
    ("cell", "written"),
    [("1738227900", "unix"), ("1738227900000", "unix_ms"), ("20250130", "%Y%m%d"), ("45687.3785", "excel")],
)
def test_numbers_that_are_dates_are_told_by_their_size(cell: str, written: str) -> None:
    style = numeric_time_style(pa.array([cell, cell]))
    assert style == TimeStyle((written,))
    assert times(pa.array([cell]), Rule(format=style.formats)).to_pylist()[0].date() == datetime(2025, 1, 30).date()


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("30 janvier 2025, 09:05:07 TU", 9),
        ("30 janvier 2025 à 09:05:07 UTC+1", 8),
        ("30. Januar 2025 um 09:05:07 MEZ", 8),
        ("30 gennaio 2025 09:05:07 CEST", 7),
        ("30 de janeiro de 2025 09:05:07 GMT\u22123", 12),
        ("January 30, 2025 at 2:05:07 PM GMT+5:00", 9),
        ("1/30/2025 9:05 AM EST", 14),
        ("2025/1/30 9:05 JST", 0),
    ],
)
def test_time_zones_are_read_as_they_are_written(cell: str, hour: int) -> None:
    column = pa.array([cell, cell])
    style = time_style(column)
    assert style is not None
    assert times(column, Rule(format=style.formats)).to_pylist()[0].hour == hour


@settings(deadline=None, max_examples=30)
@given(
    locale=st.sampled_from(WITH_SHORT_ZONES),
    zone=st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata"]),
    first=st.datetimes(datetime(2001, 1, 1), datetime(2036, 1, 1)),
)
def test_moments_are_read_as_each_locale_writes_them_with_their_zone(locale: str, zone: str, first: datetime) -> None:
    assume((locale, zone) != ("es_MX", "Europe/Paris"))  # its name in full
    moments = [(first + timedelta(days=23 * n, hours=5 * n)).replace(microsecond=0, tzinfo=UTC) for n in range(36)]
    cells = pa.array([format_datetime(each, "long", tzinfo=get_timezone(zone), locale=locale) for each in moments])
    style = time_style(cells)
    assert style is not None
    assert times(cells, Rule(format=style.formats)).to_pylist() == moments


@pytest.mark.parametrize(
    "cell",
    [
        "30/01/2025 às 09:05", "30 de janeiro de 2025 às 9h05", "30/01/2025 - 09h05min", "30/01/2025 9:05 hs",
        "2025-01-30 09 h 05", "30 janv. 2025, 9 h 05 min", "jeudi 30 janvier 2025 à 9 h 05", "30.01.2025 - 9:05 Uhr",
        "Donnerstag, 30. Januar 2025 um 9:05 Uhr", "30 enero 2025 a las 9:05 a.\u202fm.", "30.01.2025 o godz. 9:05",
        "jue. 30/01/2025 9:05 a.\u00a0m.", "giovedì 30 gennaio 2025 alle ore 9:05", "30-01-2025 om 9.05 uur",
        "30.1.2025 в 9:05",
        "30 Ocak 2025 Perşembe 09:05", "30. ledna 2025 9:05", "30. 1. 2025 9:05", "2025. január 30. 9:05",
        "2025. 01. 30. 9:05", "2025年1月30日(木) 9時05分", "2025/1/30(木) 9:05", "Thu, 30 Jan 2025 09:05:00 +0000",
        "Thu Jan 30 2025 10:05:00 GMT+0100 (Central European Standard Time)", "January 30th, 2025 at 9:05 AM",
        "2025-Jan-30 09:05", "30/01/2025 09:05 h",
    ],
)  # fmt: skip
def test_days_of_the_week_and_words_around_a_time_are_read_over(cell: str) -> None:
    column = pa.array([cell, cell])
    style = time_style(column)
    assert style is not None
    assert times(column, Rule(format=style.formats)).to_pylist() == [datetime(2025, 1, 30, 9, 5, tzinfo=UTC)] * 2


def test_a_short_month_is_no_day_of_the_week() -> None:
    for cell, day in (("Mar 4, 2025", 4), ("mar 4 marzo 2025", 4), ("mar. 4 mars 2025", 4), ("mar 04/03/2025", 4)):
        style = time_style(pa.array([cell]), day_first=True)
        assert style is not None
        assert times(pa.array([cell]), Rule(format=style.formats)).to_pylist() == [datetime(2025, 3, day, tzinfo=UTC)]


def test_a_format_that_names_the_day_of_the_week_gets_it() -> None:
    cells = pa.array(["Tuesday, 4 March 2025"])
    assert times(cells, Rule(format=("%A, %d %B %Y",))).to_pylist() == [datetime(2025, 3, 4, tzinfo=UTC)]


@pytest.mark.parametrize("cell", ["hello", "1.2.3.4", "12 foo 2025", "+34 600 123 456", "10-20", "v1.2.2025b"])
def test_what_is_no_date_is_none(cell: str) -> None:
    assert time_style(pa.array([cell, cell])) is None


@settings(deadline=None, max_examples=60)
@given(
    locale=st.sampled_from(LOCALES),
    form=st.sampled_from(["short", "medium", "long", "full"]),
    write=st.sampled_from([format_date, format_datetime]),
    first=st.datetimes(datetime(2001, 1, 1), datetime(2036, 1, 1)),
)
def test_dates_are_read_as_each_locale_writes_them(
    locale: str, form: Any, write: Callable[..., str], first: datetime
) -> None:
    assume((form, write) != ("full", format_datetime))  # with its zone's name in full
    moments = [first + timedelta(days=23 * n, hours=5 * n) for n in range(36)]  # of every month, and after the 12th
    cells = pa.array([write(moment, form, locale=locale) for moment in moments])
    style = time_style(cells)
    assert style is not None
    assert not style.unsure
    assert style.misfits == 0
    read = times(cells, Rule(format=style.formats)).to_pylist()
    assert [moment.date() for moment in read] == [moment.date() for moment in moments]
