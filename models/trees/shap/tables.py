"""SHAP values in tables: what the leaves of each group give to each of its features, by the cells of its codes."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from data_contracts.threads import each_of
from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, compiled
from models.trees.shap.bins import BINS, BRANCHES, Bins, Branches
from models.trees.shap.flat_trees import TREES, Trees
from models.trees.shap.leaf import leaf_values
from models.trees.shap.subtrees import (
    GROUPS,
    MAX_PATH,
    PARENTS,
    SCOPE,
    Groups,
    Parents,
    Scope,
    cells_of,
    fill_scope,
    new_scope,
    place_of,
)

_SHORTS = types.uint16[::1]
_GROUPS_AT_ONCE = 256  # of a thread


class Index(NamedTuple):
    """Where codes lead in tables: p pairs of a group and a feature that it depends on.

    Those of group g are ``start[g]:start[g + 1]``. ``steps[step_start[s] + code]`` is how far the code of pair s moves
    in the table of its group: the steps of a group add up to a row of its table. In a group without a table it is 1
    where the code takes all turns of the path.
    """

    start: Integers  # (g + 1,)
    feature: NDArray[np.uint32]  # (p,)
    step_start: Integers  # (p,)
    steps: NDArray[np.uint16]


class Tables(NamedTuple):
    """The table of group g begins at ``start[g]``; ``deep[g]`` says that it has none.

    A row holds the SHAP values of the group's features and the value of the leaf that is reached, 0 where it is none of
    the group's. Without a table there are the shares of rows that go the way of each feature, and the leaf's value.
    """

    start: Integers  # (g + 1,)
    deep: Flags  # (g,)
    values: Floats


class _Leaf(NamedTuple):
    """A leaf: the columns of its features in the table, and their fractions as Lundberg et al. name them.

    ``zero_fraction`` is the share of training rows that take all turns of a feature on the path, ``one_fraction``
    whether the codes of a cell take them.
    """

    column: Integers
    zero_fraction: Floats
    one_fraction: NDArray[np.bool_]  # (features, cells)


class _Cells(NamedTuple):
    """The cells of a group's features: how many, and one code of each."""

    number: Integers
    code: NDArray[np.int64]  # (features, codes)


INDEX = types.BaseTuple.from_types([INTEGERS, types.uint32[::1], INTEGERS, _SHORTS], Index)
TABLES = types.BaseTuple.from_types([INTEGERS, FLAGS, FLOATS], Tables)
_LEAF = types.BaseTuple.from_types([INTEGERS, FLOATS, types.boolean[:, ::1]], _Leaf)
_CELLS = types.BaseTuple.from_types([INTEGERS, types.int64[:, ::1]], _Cells)


@compiled(types.int64(_LEAF, types.int64, SCOPE, _CELLS, TREES, BRANCHES, PARENTS))
def _walk_up(
    leaf: _Leaf, number: int, scope: Scope, cells: _Cells, trees: Trees, branches: Branches, parents: Parents
) -> int:
    """Fill in the features on the path from a leaf to the root; how many there are."""
    size, child, node = 0, ~number, parents.leaf[number]
    cover = trees.leaf_cover[number]
    while node >= 0:
        column = place_of(scope.features, scope.sizes[2], trees.feature[node])
        i = place_of(leaf.column, size, column)
        if i == size:
            leaf.column[i], leaf.zero_fraction[i] = column, 1.0
            leaf.one_fraction[i, : cells.number[column]] = True
            size += 1
        leaf.zero_fraction[i] *= cover / trees.node_cover[node]
        went_left = trees.left[node] == child
        for cell in range(cells.number[column]):
            if branches.left[branches.first[node] + cells.code[column, cell]] != went_left:
                leaf.one_fraction[i, cell] = False
        cover, child, node = trees.node_cover[node], node, parents.node[node]
    return size


@compiled(types.void(INTEGERS, INTEGERS, types.int64))
def _advance(cell: Integers, count: Integers, size: int) -> None:
    """The next combination of cells, the first feature's changing fastest."""
    for k in range(size):
        cell[k] += 1
        if cell[k] < count[k]:
            return
        cell[k] = 0


@compiled(types.void(_LEAF, types.int64, types.float64, INTEGERS, types.int64, FLOATS))
def _tabulate(leaf: _Leaf, size: int, value: float, count: Integers, width: int, table: Floats) -> None:
    """Add what a leaf gives to the rows of its group's table, each of ``width`` numbers."""
    one_fraction, scratch = np.empty(MAX_PATH, np.bool_), np.empty((2, MAX_PATH))
    shared = np.empty((1 << size, MAX_PATH))
    for pattern in range(1 << size):
        for i in range(size):
            one_fraction[i] = (pattern >> i) & 1 == 1
        leaf_values(value, leaf.zero_fraction, one_fraction, size, shared[pattern], scratch)
    cell = np.zeros(width, np.int64)
    for row in range(0, table.size, width):
        pattern = 0
        for i in range(size):
            pattern |= leaf.one_fraction[i, cell[leaf.column[i]]] << i
        for i in range(size):
            table[row + leaf.column[i]] += shared[pattern, i]
        if pattern == (1 << size) - 1:
            table[row + width - 1] += value
        _advance(cell, count, width - 1)


@compiled(types.int64(SCOPE, types.int64, TREES, INTEGERS))
def _leaves(scope: Scope, root: int, trees: Trees, leaves: Integers) -> int:
    """Put the leaves of a group into ``leaves``; how many there are."""
    if root < 0:
        leaves[0] = ~root
        return 1
    count = 0
    for i in range(scope.sizes[0]):
        for child in (trees.left[scope.nodes[i]], trees.right[scope.nodes[i]]):
            if child < 0:
                leaves[count] = ~child
                count += 1
    return count


@compiled(types.Tuple([INDEX, TABLES])(TREES, BINS, PARENTS, GROUPS))
def _allocate(trees: Trees, bins: Bins, parents: Parents, groups: Groups) -> tuple[Index, Tables]:
    """Index and tables, their steps and values not filled in."""
    count = groups.root.size
    start, table_start = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    for g in range(count):
        start[g + 1] = start[g] + groups.features[g]
        table_start[g + 1] = table_start[g] + (groups.features[g] + 1) * max(groups.entries[g], 1)
    feature, step_start = np.empty(start[count], np.uint32), np.empty(start[count], np.int64)
    scope, steps = new_scope(trees), 0
    for g in range(count):
        fill_scope(scope, groups.root[g], trees, parents)
        for k in range(groups.features[g]):
            feature[start[g] + k], step_start[start[g] + k] = scope.features[k], steps
            steps += bins.codes[scope.features[k]]
    index = Index(start, feature, step_start, np.empty(steps, np.uint16))
    return index, Tables(table_start, groups.entries == 0, np.zeros(table_start[count]))


@compiled(types.void(SCOPE, types.int64, INDEX, TABLES, TREES, BRANCHES, _CELLS))
def _divide(
    scope: Scope, g: int, index: Index, tables: Tables, trees: Trees, branches: Branches, cells: _Cells
) -> None:
    """Find the cells of a group's features, and fill in the steps of their codes."""
    size = index.start[g + 1] - index.start[g]
    cell = np.empty(cells.code.shape[1], np.int64)
    step = size + 1
    for k in range(size):
        count = cells_of(scope, scope.features[k], trees, branches, cell, cells.code[k])
        cells.number[k] = count
        s = index.start[g] + k
        end = index.step_start[s + 1] if s + 1 < index.step_start.size else index.steps.size
        for c in range(end - index.step_start[s]):
            # Without a table all nodes are on the path: of the two cells, one goes the leaf's way.
            index.steps[index.step_start[s] + c] = cell[c] if tables.deep[g] else cell[c] * step
        step = 1 if tables.deep[g] else step * count


@compiled(types.void(INDEX, types.int64, types.int64, types.int64, FLAGS))
def _mark(index: Index, g: int, k: int, codes: int, one_fraction: Flags) -> None:
    """Let a step say whether the code goes the leaf's way, where it has said which cell it lies in."""
    first = index.step_start[index.start[g] + k]
    for c in range(first, first + codes):
        index.steps[c] = 1 if one_fraction[index.steps[c]] else 0


@compiled(types.void(TREES, BINS, BRANCHES, PARENTS, GROUPS, INDEX, TABLES, types.int64, types.int64))
def _fill(
    trees: Trees,
    bins: Bins,
    branches: Branches,
    parents: Parents,
    groups: Groups,
    index: Index,
    tables: Tables,
    begin: int,
    end: int,
) -> None:
    """Fill in the steps and values of the groups from ``begin`` up to ``end``."""
    scope, leaves = new_scope(trees), np.empty(trees.leaf_value.size, np.int64)
    shape = MAX_PATH, bins.codes.max()
    leaf = _Leaf(np.empty(MAX_PATH, np.int64), np.empty(MAX_PATH), np.empty(shape, np.bool_))
    cells = _Cells(np.empty(MAX_PATH, np.int64), np.empty(shape, np.int64))
    for g in range(begin, end):
        fill_scope(scope, groups.root[g], trees, parents)
        _divide(scope, g, index, tables, trees, branches, cells)
        table = tables.values[tables.start[g] : tables.start[g + 1]]
        for i in range(_leaves(scope, groups.root[g], trees, leaves)):
            size = _walk_up(leaf, leaves[i], scope, cells, trees, branches, parents)
            value = trees.leaf_value[leaves[i]]
            if tables.deep[g]:
                table[size] = value
                for k in range(size):
                    column = leaf.column[k]
                    table[column] = leaf.zero_fraction[k]
                    _mark(index, g, column, bins.codes[scope.features[column]], leaf.one_fraction[k])
            else:
                _tabulate(leaf, size, value, cells.number, groups.features[g] + 1, table)


def tables_of(trees: Trees, bins: Bins, branches: Branches, parents: Parents, groups: Groups) -> tuple[Index, Tables]:
    """The index and tables of the groups of these trees, made in threads: each group's are its own."""
    index, tables = _allocate(trees, bins, parents, groups)

    def fill(begin: int) -> None:
        end = min(begin + _GROUPS_AT_ONCE, groups.root.size)
        _fill(trees, bins, branches, parents, groups, index, tables, begin, end)

    each_of(fill, range(0, groups.root.size, _GROUPS_AT_ONCE))
    return index, tables
