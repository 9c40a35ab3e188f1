"""The currencies in which amounts are written: by sign or code beside the number, or in a column beside them."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.importing.numerals import CODES, UNIT

SIGNS = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "円": "JPY",
    "元": "CNY",
    "R$": "BRL",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "₽": "RUB",
    "₴": "UAH",
    "₺": "TRY",
    "TL": "TRY",
    "₹": "INR",
    "Rs": "INR",
    "₩": "KRW",
    "원": "KRW",
    "Fr": "CHF",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
} | dict.fromkeys(("руб", "р"), "RUB")  # noqa: RUF001 - Cyrillic is meant
CODE = re.compile(rf"\s*({CODES})\s*", re.IGNORECASE)


def currencies_of(amounts: pa.Array) -> tuple[str, ...]:
    """The currencies of numbers written as text (n,), by code where it is known, in the order of the alphabet."""
    words = pc.unique(amounts)
    words = words.filter(pc.match_substring_regex(words, r"[\p{Sc}\p{L}]"))
    found = pc.struct_field(pc.extract_regex(words, f"(?P<unit>{UNIT})"), "unit")
    units = (str(each).strip(".") for each in pc.unique(found.drop_null()).to_pylist())
    return tuple(sorted({SIGNS.get(each, each.upper()) for each in units}))


def codes_of(levels: list[str]) -> tuple[str, ...]:
    """The codes of a column of currencies, from its different values; nothing where they are something else."""
    codes = [found[1].upper() for level in levels if (found := CODE.fullmatch(level))]
    return tuple(sorted(set(codes))) if len(codes) == len(levels) else ()
