"""Currencies are told by the sign or code beside a number, and by a column of codes."""

import pyarrow as pa
import pytest

from pipelines.importing.currencies import codes_of, currencies_of


@pytest.mark.parametrize(
    ("cells", "currencies"),
    [
        (["$1,000", "€ 500", "12"], ("EUR", "USD")),
        (["US$ 5", "5 USD", "$7", "5 usd"], ("USD",)),
        (["10,50 zł", "9 EUR", "3 Kč"], ("CZK", "EUR", "PLN")),
        (["5 \u0440\u0443\u0431.", "7 ₽"], ("RUB",)),
        (["1", "2.5", "1e5", "12%", None], ()),
    ],
)
def test_currencies_are_told_by_what_stands_beside_the_number(
    cells: list[str | None], currencies: tuple[str, ...]
) -> None:
    assert currencies_of(pa.array(cells, pa.string())) == currencies


def test_a_column_of_codes_is_one_of_currencies_and_others_are_not() -> None:
    assert codes_of(["EUR", "usd ", "PLN"]) == ("EUR", "PLN", "USD")
    assert codes_of(["EUR", "other"]) == ()
    assert codes_of([]) == ()
