"""The compiled sums over tables of SHAP values: a block of rows at once, or one row as fast as memory allows.

Arrays are taken out of their tuples before loops begin: taken out inside, each would be counted at every step.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, MATRIX, compiled
from models.trees.shap.bins import BINS, Bins, code_of
from models.trees.shap.leaf import leaf_values
from models.trees.shap.prefetch import prefetch
from models.trees.shap.subtrees import MAX_PATH
from models.trees.shap.tables import INDEX, TABLES, Index, Tables

_AHEAD = 24  # groups whose tables are on their way from memory while one is added
_LINE = 64  # bytes that memory gives at once
_SHORTS, _CODES = types.uint16[::1], types.uint16[:, ::1]


class RowIndex(NamedTuple):
    """The index of the groups with tables, by feature, so that what a row needs of a feature lies side by side.

    Those of feature f are ``start[f]:start[f + 1]``, k of them; the steps of its code c begin at
    ``step_start[f] + c * k``. ``group`` names the group of each pair.
    """

    start: Integers  # (features + 1,)
    step_start: Integers  # (features + 1,)
    group: NDArray[np.uint32]  # (p,)
    steps: NDArray[np.uint16]


class Scratch(NamedTuple):
    """Memory for a row: its codes, where each group's row of the table is, and a leaf without a table."""

    codes: NDArray[np.uint16]  # (features,)
    table_row: Integers  # (g,)
    one_fraction: Flags  # (MAX_PATH,)
    shared: Floats  # (MAX_PATH,)
    leaf: Floats  # (2, MAX_PATH)


ROW_INDEX = types.BaseTuple.from_types([INTEGERS, INTEGERS, types.uint32[::1], _SHORTS], RowIndex)
SCRATCH = types.BaseTuple.from_types([_SHORTS, INTEGERS, FLAGS, FLOATS, MATRIX], Scratch)


@compiled(SCRATCH(types.int64, types.int64))
def new_scratch(features: int, groups: int) -> Scratch:
    """Memory for any row."""
    return Scratch(
        np.zeros(features, np.uint16), np.empty(groups, np.int64), np.empty(MAX_PATH, np.bool_), np.empty(MAX_PATH),
        np.empty((2, MAX_PATH)),
    )  # fmt: skip


@compiled(ROW_INDEX(INDEX, TABLES, BINS))
def by_feature(index: Index, tables: Tables, bins: Bins) -> RowIndex:
    """The index in the order of the features."""
    features = bins.first.size - 1
    start, step_start = np.zeros(features + 1, np.int64), np.zeros(features + 1, np.int64)
    for g in range(tables.deep.size):
        for s in range(index.start[g], index.start[g if tables.deep[g] else g + 1]):
            start[index.feature[s] + 1] += 1
    for f in range(features):
        start[f + 1] += start[f]
        step_start[f + 1] = step_start[f] + bins.codes[f] * (start[f + 1] - start[f])
    group, steps = np.empty(start[features], np.uint32), np.empty(step_start[features], np.uint16)
    following = start[:-1].copy()
    for g in range(tables.deep.size):
        for s in range(index.start[g], index.start[g if tables.deep[g] else g + 1]):
            f = index.feature[s]
            place, count = following[f], start[f + 1] - start[f]
            group[place] = g
            following[f] += 1
            for c in range(bins.codes[f]):
                steps[step_start[f] + c * count + place - start[f]] = index.steps[index.step_start[s] + c]
    return RowIndex(start, step_start, group, steps)


@compiled(types.void(FLOATS, BINS, ROW_INDEX, SCRATCH))
def _encode_row(x: Floats, bins: Bins, row_index: RowIndex, scratch: Scratch) -> None:
    """The codes of a row, what hangs on each asked for from memory as soon as it is known."""
    first_bound, bounds, codes = bins.first, bins.bounds, scratch.codes
    start, step_start, steps = row_index.start, row_index.step_start, row_index.steps
    for f in range(x.size):
        if first_bound[f + 1] > first_bound[f]:
            code = code_of(x[f], bounds, first_bound[f], first_bound[f + 1])
            codes[f] = code
            first = step_start[f] + code * (start[f + 1] - start[f])
            prefetch(steps, first)
            prefetch(steps, first + _LINE // 2)


@compiled(types.void(TABLES, ROW_INDEX, SCRATCH))
def _find_rows(tables: Tables, row_index: RowIndex, scratch: Scratch) -> None:
    """Where each group's row of its table is."""
    table_row, codes, table_start = scratch.table_row, scratch.codes, tables.start
    start, step_start = row_index.start, row_index.step_start
    group, steps = row_index.group, row_index.steps
    for g in range(table_row.size):
        table_row[g] = table_start[g]
    for f in range(start.size - 1):
        begin, end = start[f], start[f + 1]
        first = step_start[f] + codes[f] * (end - begin)
        for k in range(end - begin):
            table_row[group[begin + k]] += steps[first + k]


@compiled(types.float64(types.int64, INDEX, TABLES, SCRATCH))
def _deep_values(g: int, index: Index, tables: Tables, scratch: Scratch) -> float:
    """Share out a leaf without a table into ``scratch.shared``; its value, 0 where the row does not reach it."""
    begin, end = index.start[g], index.start[g + 1]
    zero_fraction = tables.values[tables.start[g] : tables.start[g + 1]]
    reached = True
    for s in range(begin, end):
        scratch.one_fraction[s - begin] = index.steps[index.step_start[s] + scratch.codes[index.feature[s]]] != 0
        reached = reached and scratch.one_fraction[s - begin]
    value = zero_fraction[end - begin]
    leaf_values(value, zero_fraction, scratch.one_fraction, end - begin, scratch.shared, scratch.leaf)
    return value if reached else 0.0


@compiled(types.float64(FLOATS, BINS, INDEX, TABLES, ROW_INDEX, SCRATCH, FLOATS))
def explain_row(
    x: Floats, bins: Bins, index: Index, tables: Tables, row_index: RowIndex, scratch: Scratch, out: Floats
) -> float:
    """Put the SHAP values of a row (features,) into ``out`` (features,); its margin."""
    _encode_row(x, bins, row_index, scratch)
    _find_rows(tables, row_index, scratch)
    table_row, deep, values, start, feature = scratch.table_row, tables.deep, tables.values, index.start, index.feature
    out[:] = 0.0
    margin, groups = 0.0, table_row.size
    for g in range(groups):
        ahead = min(g + _AHEAD, groups - 1)
        prefetch(values, table_row[ahead])
        prefetch(values, table_row[ahead] + start[ahead + 1] - start[ahead])
        if deep[g]:
            margin += _deep_values(g, index, tables, scratch)
            for s in range(start[g], start[g + 1]):
                out[feature[s]] += scratch.shared[s - start[g]]
            continue
        begin, end, row = start[g], start[g + 1], table_row[g]
        for s in range(begin, end):
            out[feature[s]] += values[row + s - begin]
        margin += values[row + end - begin]
    return margin


@compiled(types.void(MATRIX, BINS, _CODES))
def _encode(X: Floats, bins: Bins, codes: NDArray[np.uint16]) -> None:
    first, bounds = bins.first, bins.bounds
    for f in range(X.shape[1]):
        if first[f + 1] > first[f]:
            for i in range(X.shape[0]):
                codes[f, i] = code_of(X[i, f], bounds, first[f], first[f + 1])


@compiled(types.void(types.int64, INDEX, TABLES, _CODES, types.int32[::1], MATRIX, FLOATS))
def _add_table(
    g: int, index: Index, tables: Tables, codes: NDArray[np.uint16], row: NDArray[np.int32], out: Floats, margin: Floats
) -> None:
    """Add a group's SHAP values to ``out`` (features, n), and the leaf values to ``margin`` (n,)."""
    feature, step_start, steps, values = index.feature, index.step_start, index.steps, tables.values
    begin, end, table = index.start[g], index.start[g + 1], tables.start[g]
    n = margin.size
    row[:n] = 0
    for s in range(begin, end):
        f, first = feature[s], step_start[s]
        for i in range(n):
            row[i] += steps[first + codes[f, i]]
    for s in range(begin, end):
        f, column = feature[s], table + s - begin
        for i in range(n):
            out[f, i] += values[column + row[i]]
    for i in range(n):
        margin[i] += values[table + end - begin + row[i]]


@compiled(types.void(types.int64, INDEX, TABLES, _CODES, SCRATCH, MATRIX, FLOATS))
def _add_deep(
    g: int, index: Index, tables: Tables, codes: NDArray[np.uint16], scratch: Scratch, out: Floats, margin: Floats
) -> None:
    """The same for a leaf without a table."""
    begin, end = index.start[g], index.start[g + 1]
    for i in range(margin.size):
        for s in range(begin, end):
            scratch.codes[index.feature[s]] = codes[index.feature[s], i]
        margin[i] += _deep_values(g, index, tables, scratch)
        for s in range(begin, end):
            out[index.feature[s], i] += scratch.shared[s - begin]


@compiled(types.void(MATRIX, BINS, INDEX, TABLES, FLOATS, MATRIX))
def explain_block(X: Floats, bins: Bins, index: Index, tables: Tables, margin: Floats, out: Floats) -> None:
    """Put the margins (n,) and the SHAP values of X (n, features) into place; column ``features`` of out is left alone.

    The sums run over the groups in the same order as a row's: both give the same bits.
    """
    n, width = X.shape
    codes, row = np.empty((width, n), np.uint16), np.empty(n, np.int32)
    sums, scratch = np.zeros((width, n)), new_scratch(width, 0)
    margin[:] = 0.0
    _encode(X, bins, codes)
    for g in range(tables.deep.size):
        if tables.deep[g]:
            _add_deep(g, index, tables, codes, scratch, sums, margin)
        else:
            _add_table(g, index, tables, codes, row, sums, margin)
    for i in range(n):
        for f in range(width):
            out[i, f] = sums[f, i]
