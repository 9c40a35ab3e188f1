"""Cells: text, numbers, truth values and times from what files hold; what cannot be read is marked, never guessed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.contract import ARROW, Kind
from data_contracts.mapping.rules import Rule
from pipelines.importing.chunk import Mask, as_mask, filled, flat
from pipelines.importing.date_words import in_english
from pipelines.importing.numerals import Style, read_numerals

TIME = ARROW["timestamp"]
ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)? ?(Z|z|UTC|[+-][0-9]{2}:?([0-9]{2})?)?)?$"
)
ZONED = r"(Z|z|UTC|[T ][0-9:.,]+ ?[+-][0-9]{2}:?([0-9]{2})?)$"
YES = ("true", "yes", "y", "t", "1", "1.0", "x")
NO = ("false", "no", "n", "f", "0", "0.0")
EARLIEST, LATEST = pd.Timestamp("1900-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC")
EXCEL_EPOCH = pd.Timestamp("1899-12-30")


def convert(array: pa.Array, kind: Kind, rule: Rule, *, excel: bool = False) -> tuple[pa.Array, Mask]:
    """The cells as a kind, and where a filled cell could not be read (those are null)."""
    if kind == "string":
        return text(array), np.zeros(len(array), dtype=bool)
    if kind == "timestamp":
        result = times(array, rule, excel=excel)
    elif kind == "boolean":
        result = booleans(array)
    else:
        result = numbers(array, rule, excel=excel)
        if kind == "integer":
            whole = pc.equal(result, pc.round(result))
            result = pc.if_else(whole, result, None)
    bad = filled(array) & ~filled(result)
    if pa.types.is_floating(array.type):
        bad &= ~as_mask(pc.is_nan(array))  # NaN is how frames write missing
    return result, bad


def expected(kind: Kind, rule: Rule) -> str:
    """What a cell of the kind should look like, in words."""
    if kind == "timestamp":
        formats = " or ".join(rule.format) if rule.format else "an ISO date such as 2024-12-31T09:30:00"
        return f"{formats}, years 1900 to 2199"
    if kind == "boolean":
        return "yes or no, true or false, 1 or 0"
    what = "a whole number" if kind == "integer" else "a finite number"
    return f"{what} such as {_example(kind, style_of(rule))}; see `decimal`, `thousands`"


def style_of(rule: Rule) -> Style:
    """The signs with which a rule's numbers are written."""
    return Style(rule.decimal, rule.thousands)


def text(array: pa.Array) -> pa.Array:
    """Cells as text; whole numbers without a decimal point, so that an id read as 12.0 is 12."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_finite(array), array, None)
        whole = pc.and_(pc.equal(array, pc.round(array)), pc.less(pc.abs(array), 1e15))
        if pc.all(whole.fill_null(True)).as_py():
            return array.cast(pa.int64()).cast(pa.string())
        return pc.if_else(
            whole, pc.if_else(whole, array, 0.0).cast(pa.int64()).cast(pa.string()), array.cast(pa.string())
        )
    return array.cast(pa.string())


def numbers(array: pa.Array, rule: Rule, *, excel: bool = False) -> pa.Array:
    """Cells as float64; what is not a finite number is null.

    In a sheet the numbers that are not text have a decimal point, whatever the rule says of those that are.
    """
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    if pa.types.is_string(array.type):
        written = read_numerals(array, style_of(rule))
        point = excel and rule.decimal != "." != rule.thousands
        array = pc.coalesce(written, read_numerals(array)) if point else written
    elif not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        return pa.nulls(len(array), pa.float64())
    values = array.cast(pa.float64(), safe=False)
    scaled = values if rule.scale == 1 else pc.multiply(values, rule.scale)
    return pc.if_else(pc.is_finite(scaled), scaled, None)


def booleans(array: pa.Array) -> pa.Array:
    """Cells as truth values; what is neither yes nor no is null."""
    if pa.types.is_boolean(array.type):
        return array
    lowered = pc.utf8_lower(text(array))
    yes = pc.is_in(lowered, pa.array(YES))
    known = pc.or_(yes, pc.is_in(lowered, pa.array(NO)))
    return pc.if_else(known, yes, None)


def times(array: pa.Array, rule: Rule, *, excel: bool = False) -> pa.Array:
    """Cells as UTC times; what cannot be read or lies outside 1900 to 2199 is null.

    A local time that the clock shows twice is the earlier one; one that it skips is moved to when it goes on.
    """
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return _plausible(_in_utc(array, rule.timezone))
    result = pa.nulls(len(array), TIME)
    formats = rule.format or (("iso", "excel") if excel else ("iso",))
    for each in formats:
        todo = as_mask(pc.and_(array.is_valid(), result.is_null()))
        if todo.any():
            parsed = _parse_times(flat(array.filter(pa.array(todo))), each, rule.timezone)
            result = flat(pc.replace_with_mask(result, pa.array(todo), parsed))
    return _plausible(result)


def _example(kind: Kind, style: Style) -> str:
    return f"1{style.thousands}234" + ("" if kind == "integer" else f"{style.decimal}5")


def _parse_times(array: pa.Array, format_: str, timezone: str) -> pa.Array:
    if format_ in ("excel", "unix", "unix_ms"):
        return _from_numbers(array, format_, timezone)
    array = text(array)
    if format_ == "iso":
        array = pc.if_else(pc.match_substring_regex(array, ISO), array, None)
        array = pc.replace_substring_regex(array, " ?UTC$", "Z")
        zoned = as_mask(pc.match_substring_regex(array, ZONED))
        pattern = "ISO8601"
    else:
        zoned = np.full(len(array), "%z" in format_ or "%Z" in format_)
        pattern = format_
    result = pa.nulls(len(array), TIME)
    for mask, utc in ((zoned, True), (~zoned, False)):
        if mask.any():
            parsed = _strptime(flat(array.filter(pa.array(mask))), pattern, utc=utc)
            result = flat(pc.replace_with_mask(result, pa.array(mask), _in_utc(parsed, timezone)))
    return result


def _strptime(array: pa.Array, pattern: str, *, utc: bool) -> pa.Array:
    words = array if pattern == "ISO8601" else in_english(array, pattern)
    parsed = pd.to_datetime(words.to_pandas(), format=pattern, errors="coerce", utc=utc)
    bare = (parsed.dt.tz_convert(None) if utc else parsed).dt.as_unit("us")
    times_ = pa.array(bare.to_numpy(), pa.timestamp("us"), from_pandas=True)
    return times_.cast(TIME) if utc else times_


def _from_numbers(array: pa.Array, format_: str, timezone: str) -> pa.Array:
    array = read_numerals(array) if pa.types.is_string(array.type) else array
    values = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    size = {"excel": 86_400e6, "unix": 1e6, "unix_ms": 1e3}[format_]
    origin = EXCEL_EPOCH.value / 1e3 if format_ == "excel" else 0.0
    micros = np.round(values * size + origin)
    micros[~(np.abs(micros) < 8e18)] = np.nan
    stamps = pa.array(micros, from_pandas=True).cast(pa.int64())
    return _in_utc(stamps.cast(pa.timestamp("us")), timezone if format_ == "excel" else "UTC")


def _in_utc(array: pa.Array, timezone: str) -> pa.Array:
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("us"))
    if array.type.tz is None:
        array = array.cast(pa.timestamp("us"), safe=False)
        array = pc.assume_timezone(array, timezone, ambiguous="earliest", nonexistent="latest")
    return array.cast(TIME, safe=False)


def _plausible(array: pa.Array) -> pa.Array:
    early, late = pa.scalar(EARLIEST.to_pydatetime(), TIME), pa.scalar(LATEST.to_pydatetime(), TIME)
    within = pc.and_(pc.greater_equal(array, early), pc.less(array, late))
    return pc.if_else(within, array, None)
