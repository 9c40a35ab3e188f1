"""Numerals: numbers as people and systems write them, with signs of thousands, currencies and percent.

What could be two numbers is none: a thousands sign stands before three digits or the cell cannot be read.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.importing.chunk import as_mask, filled

SPACES = " \u00a0\u2007\u2009\u202f"  # those that group digits; a rule that says one of them means them all
APOSTROPHES = "'\u2019"
PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
WHOLE = r"^[+-]?[0-9]+$"
CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|CAD|AUD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|RUB|UAH|TRY|ILS|AED|SAR|QAR|KWD|EGP"
    "|ZAR|NGN|KES|INR|PKR|BDT|IDR|MYR|SGD|THB|VND|PHP|KRW|TWD|HKD|BRL|MXN|ARS|CLP|COP|PEN|UYU"
)
WORDS = "kr|zł|Kč|Ft|lei|лв|руб|грн|р|Fr|Fs|TL|Rs|S/|円|元|원"  # noqa: RUF001 - Cyrillic is meant
_SIGN = r"(?:US|AU?|CA?|NZ|HK|SG?|MXN?|NT|R)?\p{Sc}"
UNIT = rf"(?:{_SIGN}|(?i:{CODES})|(?:{WORDS})\.?)"
_CODE = (
    r"^[^0-9]*0[0-9]|[0-9]{16}"  # digits that are a code: a zero stands first, or there are more than a number keeps
)


class Style(NamedTuple):
    """The signs with which numbers are written."""

    decimal: str = "."
    thousands: str = ""


PLAINLY = Style()
STYLES = (PLAINLY, Style(","), *(Style(*signs) for signs in (".,", ",.", ", ", ". ", ".'", ",'")))


def read_numerals(array: pa.Array, style: Style = PLAINLY) -> pa.Array:
    """Text (n,) as float64; null where it is not a number in this style.

    A currency's sign or code or a percent sign beside the number says nothing of its size; parentheses are a minus.
    """
    readable = pc.match_substring_regex(array, PLAIN if style == PLAINLY else WHOLE)
    bare = pc.if_else(readable, array, None)
    rest = filled(array) & ~as_mask(readable)
    if rest.any():
        bare = pc.replace_with_mask(bare, pa.array(rest), _bare(array.filter(pa.array(rest)), style))
    return pc.utf8_ltrim(bare, "+").cast(pa.float64())


class Readings:
    """The styles in which all cells seen so far are numbers; none: these are no numbers."""

    def __init__(self, styles: Iterable[Style] = STYLES) -> None:
        self._values: dict[Style, int] = dict.fromkeys(styles, 0)  # the same for styles that read the same numbers

    def add(self, array: pa.Array) -> None:
        """Look at more cells: text (n,)."""
        for style in list(self._values):
            values = read_numerals(array, style)
            if values.null_count > array.null_count:
                del self._values[style]
            else:
                self._values[style] = hash((self._values[style], values.fill_null(0.0).to_numpy().tobytes()))

    def keep(self, style: Style) -> None:
        """Cells that are numbers already are of this style and of no other."""
        self._values = {each: value for each, value in self._values.items() if each == style}

    @property
    def styles(self) -> tuple[Style, ...]:
        """One style for each reading of the cells, the plain one first. Several: nobody can tell which is meant."""
        first: dict[int, Style] = {}
        for style, value in self._values.items():
            first.setdefault(value, style)
        return tuple(first.values())


def styles_of(array: pa.Array) -> tuple[Style, ...]:
    """The styles in which every cell of text (n,) is a number, the plain one first, each with other values."""
    readings = Readings()
    readings.add(pc.unique(array.drop_null()))
    return readings.styles if array.null_count < len(array) else ()


def are_codes(array: pa.Array) -> bool:
    """Whether a cell of text (n,) is digits that are not a number: ``007``, or more of them than a number keeps."""
    return bool(pc.any(pc.match_substring_regex(array, _CODE)).as_py())


def _bare(array: pa.Array, style: Style) -> pa.Array:
    """The numbers as Python writes them; null where the text is none of this style."""
    parts = pc.extract_regex(array, _pattern(style))
    signs = [pc.struct_field(parts, name) for name in ("open", "before", "after", "last", "close")]
    marks = pc.binary_join_element_wise(*signs, "")
    sign = pc.if_else(pc.is_in(marks, pa.array(["-", "\u2212", "()"])), "-", "")
    sound = pc.is_in(marks, pa.array(["", "+", "-", "\u2212", "()"]))
    digits = pc.struct_field(parts, "digits")
    if style.thousands:
        digits = pc.replace_substring_regex(digits, _one_of(style.thousands), "")
    if style.decimal != ".":
        digits = pc.replace_substring(digits, style.decimal, ".")
    return pc.if_else(sound, pc.binary_join_element_wise(sign, digits, ""), None)


@cache
def _pattern(style: Style) -> str:
    decimal, space = re.escape(style.decimal), f"[{SPACES}]*"
    digits = f"(?:[0-9]+(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    if style.thousands:
        thousands = _one_of(style.thousands)
        grouped = f"[1-9][0-9]{{0,2}}(?:{thousands}[0-9]{{3}})+"
        if style.thousands == ",":  # as in India: 12,34,567
            grouped = f"[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}}|{grouped}"
        digits = f"(?:(?:{grouped})(?:{decimal}[0-9]*)?|{digits})"
    sign = "[+\u2212-]?"
    return (
        rf"^(?P<open>\(?)(?P<before>{sign}){space}(?:{UNIT}{space})?(?P<after>{sign}){space}"
        rf"(?P<digits>{digits})(?P<last>-?){space}(?:{UNIT}|%)?(?P<close>\)?)$"
    )


def _one_of(sign: str) -> str:
    """A pattern for a thousands sign and those that look the same."""
    alike = next((each for each in (SPACES, APOSTROPHES) if sign in each), sign)
    return f"[{alike}]" if len(alike) > 1 else re.escape(sign)
