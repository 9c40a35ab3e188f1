"""Logistic terms as arrays: the values of all terms of a row in one compiled pass."""

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
from numba import types

from features.records import Floats
from models.logistic_term import STANDARD_LIMIT, NumberTerm, Term
from models.trees import FLAGS, FLOATS, INTEGERS, Flags, Integers

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

    def of_number(name: str) -> Floats:
        return np.array([getattr(term, name, 0.0) for term in terms], dtype=np.float64)

    tables = [() if isinstance(term, NumberTerm) else term.table for term in terms]
    return TermTable(
        np.array([term.feature for term in terms], dtype=np.int64),
        of_number("mean"),
        np.array([isinstance(term, NumberTerm) and term.log for term in terms], dtype=np.bool_),
        of_number("slope"),
        of_number("centre"),
        of_number("scale"),
        of_number("missing"),
        of_number("low"),
        of_number("high"),
        np.cumsum([0, *(len(table) for table in tables)], dtype=np.int64),
        np.array([value for table in tables for value in table], dtype=np.float64),
    )


@numba.njit(types.float64(types.float64, types.int64, TERM_TABLE), cache=True, nogil=True, forceinline=True)
def _of_number(x: float, k: int, table: TermTable) -> float:
    if not np.isfinite(x):
        return table.missing[k]
    value = np.log1p(max(x, 0.0)) if table.log[k] else x
    standard = min(max((value - table.centre[k]) / table.scale[k], -STANDARD_LIMIT), STANDARD_LIMIT)
    return table.slope[k] * min(max(standard, table.low[k]), table.high[k])


@numba.njit(types.float64(types.float64, types.int64, types.int64, FLOATS), cache=True, nogil=True, forceinline=True)
def _of_category(x: float, begin: int, end: int, tables: Floats) -> float:
    categories = end - begin - 2
    if not np.isfinite(x):
        return tables[end - 1]
    if not -1.0 < x < categories:  # LightGBM cuts a code's fraction off
        return tables[end - 2]
    return tables[begin + int(x)]


@numba.njit(types.float64(_MATRIX, types.int64, types.int64, TERM_TABLE), cache=True, nogil=True, forceinline=True)
def _value(X: Floats, i: int, k: int, table: TermTable) -> float:
    x, begin, end = X[i, table.feature[k]], table.start[k], table.start[k + 1]
    return _of_number(x, k, table) if begin == end else _of_category(x, begin, end, table.tables)


@numba.njit(types.void(_MATRIX, TERM_TABLE, FLOATS), cache=True, nogil=True)
def add_terms(X: Floats, table: TermTable, total: Floats) -> None:
    """Add the terms of each row of X (n, features) to ``total`` (n,), in their order."""
    for i in range(X.shape[0]):
        for k in range(table.feature.size):
            total[i] += _value(X, i, k, table)


@numba.njit(types.void(_MATRIX, TERM_TABLE, FLOATS, _MATRIX), cache=True, nogil=True)
def explain_terms(X: Floats, table: TermTable, total: Floats, out: Floats) -> None:
    """The same, and put each term less its mean into its feature's column of ``out``."""
    for i in range(X.shape[0]):
        for k in range(table.feature.size):
            value = _value(X, i, k, table)
            total[i] += value
            out[i, table.feature[k]] = value - table.mean[k]
