"""Logistic terms: functions of one feature each."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_contracts.strict_json import from_json
from features.arrays import Floats
from models.log_odds import LARGEST_LOG_ODDS

_WITHOUT_LEVEL = 2  # values of a category's table for what has no level: unknown, missing
STANDARD_LIMIT = 10.0  # standard deviations beyond which a number counts no further


@dataclass(frozen=True)
class NumberTerm:
    """``slope * z``, where z is the standardised value (its logarithm where ``log``), cut at ``low`` and ``high``.

    These are the least and the most of the training rows: a line says nothing beyond what it was drawn through.
    ``missing`` is the term's value where the number is missing or not finite; ``mean`` its mean over the training rows.
    """

    feature: int
    slope: float
    centre: float
    scale: float
    log: bool
    missing: float
    mean: float
    low: float = -STANDARD_LIMIT
    high: float = STANDARD_LIMIT


@dataclass(frozen=True)
class CategoryTerm:
    """One value per category; the last two of ``table`` are for unknown and for missing."""

    feature: int
    table: tuple[float, ...]
    mean: float


Term: TypeAlias = NumberTerm | CategoryTerm


def term_from_dict(state: dict[str, Any]) -> Term:
    """The inverse of ``dataclasses.asdict`` of a term.

    Raises ValueError where it is of none.
    """
    if "table" in state:
        category = from_json(CategoryTerm, state)
        if len(category.table) < _WITHOUT_LEVEL:
            raise ValueError("a table has no values for unknown and missing levels")
        _check_size(category.mean, *category.table)
        return category
    number = from_json(NumberTerm, state)
    _check_size(number.slope, number.missing, number.mean)
    if number.scale <= 0 or number.low > number.high:
        raise ValueError("a number is scaled by nothing, or has no range")
    return number


def _check_size(*log_odds: float) -> None:
    if any(abs(each) > LARGEST_LOG_ODDS for each in log_odds):
        raise ValueError(f"a term is larger than {LARGEST_LOG_ODDS:g}")


def standardise(number: Floats, centre: Floats | float, scale: Floats | float, log: bool = False) -> Floats:
    """Finite numbers (their logarithms where ``log``) in standard deviations, cut at +-STANDARD_LIMIT."""
    value = np.log1p(np.maximum(number, 0.0)) if log else number
    with np.errstate(over="ignore"):
        result: Floats = np.clip((value - centre) / scale, -STANDARD_LIMIT, STANDARD_LIMIT)
    return result


def category_rows(x: Floats, categories: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Rows of a category table: the code, ``categories`` for unknown, ``categories + 1`` for missing."""
    known = np.isfinite(x)
    code = np.where(known, np.clip(x, -1, categories), np.asarray(categories) + 1).astype(np.int64)
    return np.where(code < 0, categories, code)
