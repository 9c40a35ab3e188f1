"""Logistic terms as arrays: the values of all terms of a row in one compiled pass."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import types

from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, compiled
from models.logistic.terms import STANDARD_LIMIT, NumberTerm, Term

_MATRIX = types.float64[:, ::1]


class TermTable(NamedTuple):
    """t terms: the state of numbers in arrays, the table of category term k in ``tables[start[k]:start[k + 1]]``.

    A number has no table: its ``start`` is that of the term after it.
    """

    feature: Integers  # (t,)
    mean: Floats
    log: Flags
    slope: Floats
    centre: Floats
    scale: Floats
    missing: Floats
    low: Floats
    high: Floats
    start: Integers  # (t + 1,)
    tables: Floats


TERM_TABLE = types.BaseTuple.from_types(
    [INTEGERS, FLOATS, FLAGS, FLOATS, FLOATS, FLOATS, FLOATS, FLOATS, FLOATS, INTEGERS, FLOATS], TermTable
)


def term_table(terms: Sequence[Term]) -> TermTable:
    """The terms in their order."""

    names = ("mean", "slope", "centre", "scale", "missing", "low", "high")
    numbers = {name: np.array([getattr(term, name, 0.0) for term in terms], dtype=np.float64) for name in names}
    tables = [() if isinstance(term, NumberTerm) else term.table for term in terms]
    return TermTable(
        feature=np.array([term.feature for term in terms], dtype=np.int64),
        log=np.array([isinstance(term, NumberTerm) and term.log for term in terms], dtype=np.bool_),
        start=np.cumsum([0, *(len(table) for table in tables)], dtype=np.int64),
        tables=np.array([value for table in tables for value in table], dtype=np.float64),
        **numbers,
    )


@compiled(types.float64(*[types.float64] * 5, types.boolean))
def _standard(x: float, centre: float, scale: float, low: float, high: float, log: bool) -> float:
    """A finite number in standard deviations, cut at the least and the most."""
    value = np.log1p(max(x, 0.0)) if log else x
    standard = min(max((value - centre) / scale, -STANDARD_LIMIT), STANDARD_LIMIT)
    return min(max(standard, low), high)


@compiled(types.int64(types.float64, types.int64))
def _row(x: float, categories: int) -> int:
    """The row of a category table, see ``models.logistic.terms.category_rows``."""
    if not np.isfinite(x):
        return categories + 1
    return int(x) if -1.0 < x < categories else categories  # LightGBM cuts a code's fraction off


# An array that is taken out of a tuple at every step is counted as referenced each time, so all are taken out at first.
@compiled(types.void(FLOATS, TERM_TABLE, FLOATS))
def _values(x: Floats, table: TermTable, out: Floats) -> None:
    """The values (t,) of the terms for one row."""
    feature, start, tables, log = table.feature, table.start, table.tables, table.log
    slope, centre, scale, missing = table.slope, table.centre, table.scale, table.missing
    low, high = table.low, table.high
    for k in range(feature.size):
        value, begin, end = x[feature[k]], start[k], start[k + 1]
        if begin < end:
            out[k] = tables[begin + _row(value, end - begin - 2)]
        elif np.isfinite(value):
            out[k] = slope[k] * _standard(value, centre[k], scale[k], low[k], high[k], log[k])
        else:
            out[k] = missing[k]


@compiled(types.void(_MATRIX, TERM_TABLE, FLOATS))
def add_terms(X: Floats, table: TermTable, total: Floats) -> None:
    """Add the terms of each row of X (n, features) to ``total`` (n,), in their order."""
    values = np.empty(table.feature.size)
    for i in range(X.shape[0]):
        _values(X[i], table, values)
        for value in values:
            total[i] += value


@compiled(types.void(_MATRIX, TERM_TABLE, FLOATS, _MATRIX))
def explain_terms(X: Floats, table: TermTable, total: Floats, out: Floats) -> None:
    """The same, and put each term less its mean into its feature's column of ``out``."""
    values, feature, mean = np.empty(table.feature.size), table.feature, table.mean
    for i in range(X.shape[0]):
        _values(X[i], table, values)
        for k in range(feature.size):
            total[i] += values[k]
            out[i, feature[k]] = values[k] - mean[k]
