"""The currencies in which amounts are written: by sign or code beside the number, or in a column beside them."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.importing.numerals import CODES, UNIT
from pipelines.importing.vocabulary import says

AMOUNTS = {"deals": "amount", "activities": "value", "accounts": "annual_revenue"}  # columns of money by table
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
MOST = 200  # different words: a column with more names something else
CODE = re.compile(rf"\s*({CODES})\s*", re.IGNORECASE)


def currencies_of(amounts: pa.Array) -> tuple[str, ...]:
    """The currencies of numbers written as text (n,), by code where it is known, in the order of the alphabet."""
    words = pc.unique(amounts)
    words = words.filter(pc.match_substring_regex(words, r"[\p{Sc}\p{L}]"))
    found = pc.struct_field(pc.extract_regex(words, f"(?P<unit>{UNIT})"), "unit")
    units = (str(each).strip(".") for each in pc.unique(found.drop_null()).to_pylist())
    return tuple(sorted({SIGNS.get(each, each.upper()) for each in units}))


def names_currency(header: str) -> bool:
    """Whether a header says that the cells below it name currencies.

    >>> [names_currency(name) for name in ("CurrencyIsoCode", "Divisa", "Exchange rate")]
    [True, True, False]
    """
    return says(header, "currency")


def currencies_in(levels: list[str]) -> tuple[str, ...]:
    """The currencies of a column that names them, by code where it is known; nothing where it holds numbers.

    >>> currencies_in(["eur", "€", "US-Dollar"]), currencies_in(["1.09", "EUR"])
    (('EUR', 'US-Dollar'), ())
    """
    if len(levels) > MOST or any(re.search(r"\d", level) for level in levels):
        return ()
    words = [level.strip() for level in levels]
    return tuple(sorted({SIGNS.get(each, each.upper() if CODE.fullmatch(each) else each) for each in words if each}))


def codes_of(levels: list[str]) -> tuple[str, ...]:
    """The codes of a column of currencies, from its different values; nothing where they are something else."""
    codes = [found[1].upper() for level in levels if (found := CODE.fullmatch(level))]
    return tuple(sorted(set(codes))) if len(codes) == len(levels) else ()
