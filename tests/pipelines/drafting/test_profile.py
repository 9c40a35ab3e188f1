"""What a column holds is told by its cells, as each locale writes them."""

from typing import Any

import pyarrow as pa
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.drafting.profile import ColumnProfile

CURRENCIES = {
    "en_US": "USD", "en_GB": "GBP", "en_IN": "INR", "es_ES": "EUR", "es_MX": "MXN", "it_IT": "EUR", "de_DE": "EUR",
    "de_CH": "CHF", "fr_FR": "EUR", "pt_BR": "BRL", "pt_PT": "EUR", "nl_NL": "EUR", "pl_PL": "PLN", "ru_RU": "RUB",
    "tr_TR": "TRY", "sv_SE": "SEK", "cs_CZ": "CZK",
}  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    locale=st.sampled_from(sorted(CURRENCIES)),
    form=st.sampled_from([None, "#,##0.00 ¤¤", "¤¤ #,##0.00"]),
    cents=st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
)
def test_amounts_are_read_as_each_locale_writes_them(locale: str, form: Any, cents: list[int]) -> None:
    values = [each / 100 for each in cents]
    money = [format_currency(value, CURRENCIES[locale], locale=locale, format=form) for value in values]
    plain = [format_decimal(value, format="#,##0.00", locale=locale) for value in values]
    for cells in (money, plain):
        column = ColumnProfile("x", pa.array(cells))
        assert column.values.to_pylist() == values
