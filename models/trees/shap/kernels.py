"""The compiled sums over tables of SHAP values: a block of rows at once, or one row as fast as memory allows.

Arrays are taken out of their tuples before loops begin: taken out inside, each would be counted at every step.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, compiled
from models.trees.shap.codes import ATOMS, Atoms, code_of
from models.trees.shap.leaf import leaf_values
from models.trees.shap.prefetch import prefetch
from models.trees.shap.subtrees import MOST_PATH
from models.trees.shap.tables import SLOTS, TABLES, Slots, Tables

_AHEAD = 24  # groups whose tables are on their way from memory while one is added
_LINE = 64  # bytes that memory gives at once
_MATRIX, _SHORTS, _CODES = types.float64[:, ::1], types.uint16[::1], types.uint16[:, ::1]


class RowSlots(NamedTuple):
    """The slots of groups with tables by feature, so that what a row needs of a feature lies side by side.

    Those of feature f are ``start[f]:start[f + 1]``, k of them; the steps of its code c begin at
    ``step_start[f] + c * k``. ``group`` names the group of each slot.
    """

    start: Integers  # (features + 1,)
    step_start: Integers  # (features + 1,)
    group: NDArray[np.uint32]  # (p,)
    steps: NDArray[np.uint16]


class Room(NamedTuple):
    """What a row needs room for: its codes, where each group's row of the table is, and a leaf without a table."""

    codes: NDArray[np.uint16]  # (features,)
    found: Integers  # (g,)
    met: Flags  # (MOST_PATH,)
    given: Floats  # (MOST_PATH,)
    leaf: Floats  # (2, MOST_PATH)


ROW_SLOTS = types.BaseTuple.from_types([INTEGERS, INTEGERS, types.uint32[::1], _SHORTS], RowSlots)
ROOM = types.BaseTuple.from_types([_SHORTS, INTEGERS, FLAGS, FLOATS, _MATRIX], Room)


@compiled(ROOM(types.int64, types.int64))
def new_room(features: int, groups: int) -> Room:
    """Room for any row."""
    return Room(
        np.zeros(features, np.uint16), np.empty(groups, np.int64), np.empty(MOST_PATH, np.bool_), np.empty(MOST_PATH),
        np.empty((2, MOST_PATH)),
    )  # fmt: skip


@compiled(ROW_SLOTS(SLOTS, TABLES, ATOMS))
def by_feature(slots: Slots, tables: Tables, atoms: Atoms) -> RowSlots:
    """The slots in the order of their features."""
    features = atoms.first.size - 1
    start, step_start = np.zeros(features + 1, np.int64), np.zeros(features + 1, np.int64)
    for g in range(tables.deep.size):
        for s in range(slots.start[g], slots.start[g if tables.deep[g] else g + 1]):
            start[slots.feature[s] + 1] += 1
    for f in range(features):
        start[f + 1] += start[f]
        codes = atoms.first[f + 1] - atoms.first[f] + 2
        step_start[f + 1] = step_start[f] + codes * (start[f + 1] - start[f])
    group, steps = np.empty(start[features], np.uint32), np.empty(step_start[features], np.uint16)
    following = start[:-1].copy()
    for g in range(tables.deep.size):
        for s in range(slots.start[g], slots.start[g if tables.deep[g] else g + 1]):
            f = slots.feature[s]
            place, count = following[f], start[f + 1] - start[f]
            group[place] = g
            following[f] += 1
            for c in range(atoms.first[f + 1] - atoms.first[f] + 2):
                steps[step_start[f] + c * count + place - start[f]] = slots.steps[slots.step_start[s] + c]
    return RowSlots(start, step_start, group, steps)


@compiled(types.void(FLOATS, ATOMS, ROW_SLOTS, ROOM))
def _encode_row(x: Floats, atoms: Atoms, row_slots: RowSlots, room: Room) -> None:
    """The codes of a row, what hangs on each asked for from memory as soon as it is known."""
    first_bound, bounds, codes = atoms.first, atoms.bounds, room.codes
    start, step_start, steps = row_slots.start, row_slots.step_start, row_slots.steps
    for f in range(x.size):
        if first_bound[f + 1] > first_bound[f]:
            code = code_of(x[f], bounds, first_bound[f], first_bound[f + 1])
            codes[f] = code
            first = step_start[f] + code * (start[f + 1] - start[f])
            prefetch(steps, first)
            prefetch(steps, first + _LINE // 2)


@compiled(types.void(TABLES, ROW_SLOTS, ROOM))
def _find_rows(tables: Tables, row_slots: RowSlots, room: Room) -> None:
    """Where each group's row of its table is."""
    found, codes, table_start = room.found, room.codes, tables.start
    start, step_start = row_slots.start, row_slots.step_start
    group, steps = row_slots.group, row_slots.steps
    for g in range(found.size):
        found[g] = table_start[g]
    for f in range(start.size - 1):
        begin, end = start[f], start[f + 1]
        first = step_start[f] + codes[f] * (end - begin)
        for k in range(end - begin):
            found[group[begin + k]] += steps[first + k]


@compiled(types.float64(types.int64, SLOTS, TABLES, ROOM, FLOATS))
def _add_deep(g: int, slots: Slots, tables: Tables, room: Room, out: Floats) -> float:
    """Add the SHAP values of a leaf without a table; its value, 0 where the row does not reach it."""
    begin, end = slots.start[g], slots.start[g + 1]
    cold = tables.values[tables.start[g] : tables.start[g + 1]]
    reached = True
    for s in range(begin, end):
        room.met[s - begin] = slots.steps[slots.step_start[s] + room.codes[slots.feature[s]]] != 0
        reached = reached and room.met[s - begin]
    value = cold[end - begin]
    leaf_values(value, cold, room.met, end - begin, room.given, room.leaf)
    for s in range(begin, end):
        out[slots.feature[s]] += room.given[s - begin]
    return value if reached else 0.0


@compiled(types.float64(FLOATS, ATOMS, SLOTS, TABLES, ROW_SLOTS, ROOM, FLOATS))
def explain_row(
    x: Floats, atoms: Atoms, slots: Slots, tables: Tables, row_slots: RowSlots, room: Room, out: Floats
) -> float:
    """Put the SHAP values of a row (features,) into ``out`` (features,); its margin."""
    _encode_row(x, atoms, row_slots, room)
    _find_rows(tables, row_slots, room)
    found, deep, values, start, feature = room.found, tables.deep, tables.values, slots.start, slots.feature
    out[:] = 0.0
    margin, groups = 0.0, found.size
    for g in range(groups):
        ahead = min(g + _AHEAD, groups - 1)
        prefetch(values, found[ahead])
        prefetch(values, found[ahead] + start[ahead + 1] - start[ahead])
        if deep[g]:
            margin += _add_deep(g, slots, tables, room, out)
            continue
        begin, end, row = start[g], start[g + 1], found[g]
        for s in range(begin, end):
            out[feature[s]] += values[row + s - begin]
        margin += values[row + end - begin]
    return margin


@compiled(types.void(_MATRIX, ATOMS, _CODES))
def _encode(X: Floats, atoms: Atoms, codes: NDArray[np.uint16]) -> None:
    first, bounds = atoms.first, atoms.bounds
    for f in range(X.shape[1]):
        if first[f + 1] > first[f]:
            for i in range(X.shape[0]):
                codes[f, i] = code_of(X[i, f], bounds, first[f], first[f + 1])


@compiled(types.void(types.int64, SLOTS, TABLES, _CODES, types.int32[::1], _MATRIX, FLOATS))
def _add_table(
    g: int, slots: Slots, tables: Tables, codes: NDArray[np.uint16], row: NDArray[np.int32], out: Floats, margin: Floats
) -> None:
    """Add a group's SHAP values to ``out`` (features, n), and the leaf values to ``margin`` (n,)."""
    feature, step_start, steps, values = slots.feature, slots.step_start, slots.steps, tables.values
    begin, end, table = slots.start[g], slots.start[g + 1], tables.start[g]
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


@compiled(types.void(types.int64, SLOTS, TABLES, _CODES, ROOM, _MATRIX, FLOATS))
def _add_deep_rows(
    g: int, slots: Slots, tables: Tables, codes: NDArray[np.uint16], room: Room, out: Floats, margin: Floats
) -> None:
    """The same for a leaf without a table."""
    begin, end = slots.start[g], slots.start[g + 1]
    cold = tables.values[tables.start[g] : tables.start[g + 1]]
    value = cold[end - begin]
    for i in range(margin.size):
        reached = True
        for s in range(begin, end):
            room.met[s - begin] = slots.steps[slots.step_start[s] + codes[slots.feature[s], i]] != 0
            reached = reached and room.met[s - begin]
        leaf_values(value, cold, room.met, end - begin, room.given, room.leaf)
        for s in range(begin, end):
            out[slots.feature[s], i] += room.given[s - begin]
        margin[i] += value if reached else 0.0


@compiled(types.void(_MATRIX, ATOMS, SLOTS, TABLES, FLOATS, _MATRIX))
def explain_block(X: Floats, atoms: Atoms, slots: Slots, tables: Tables, margin: Floats, out: Floats) -> None:
    """Put the margins (n,) and the SHAP values of X (n, features) into place; column ``features`` of out is left alone.

    The sums run over the groups in the same order as a row's: both give the same bits.
    """
    n, width = X.shape
    codes, row = np.empty((width, n), np.uint16), np.empty(n, np.int32)
    sums, room = np.zeros((width, n)), new_room(0, 0)
    margin[:] = 0.0
    _encode(X, atoms, codes)
    for g in range(tables.deep.size):
        if tables.deep[g]:
            _add_deep_rows(g, slots, tables, codes, room, sums, margin)
        else:
            _add_table(g, slots, tables, codes, row, sums, margin)
    for i in range(n):
        for f in range(width):
            out[i, f] = sums[f, i]
