"""SHAP values in tables: what the leaves of each group give to each of its features, by the parts the codes lie in."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, compiled
from models.trees.flat_trees import TREES, Trees
from models.trees.shap.codes import ATOMS, BRANCHES, Atoms, Branches
from models.trees.shap.leaf import leaf_values
from models.trees.shap.subtrees import (
    GROUPS,
    MOST_FEATURES,
    MOST_PATH,
    PARENTS,
    SCOPE,
    Groups,
    Parents,
    Scope,
    look_at,
    most_codes,
    new_scope,
    parts_of,
    place_of,
)

_SHORTS = types.uint16[::1]


class Slots(NamedTuple):
    """The p pairs of a group and a feature that it depends on; those of group g are ``start[g]:start[g + 1]``.

    ``steps[step_start[s] + code]`` is how far the code moves in the table of the slot's group: the steps of a group's
    slots add up to a row of its table. In a group without a table it is 1 where the code takes all turns of the path.
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
    """Room for a leaf: the places of its features in its group, their shares of rows, and the parts that go its way."""

    place: Integers
    cold: Floats
    met: NDArray[np.bool_]  # (features, parts)


class _Parts(NamedTuple):
    """The parts of a group's features: how many, and one code of each."""

    number: Integers
    code: NDArray[np.int64]  # (features, codes)


SLOTS = types.BaseTuple.from_types([INTEGERS, types.uint32[::1], INTEGERS, _SHORTS], Slots)
TABLES = types.BaseTuple.from_types([INTEGERS, FLAGS, FLOATS], Tables)
_LEAF = types.BaseTuple.from_types([INTEGERS, FLOATS, types.boolean[:, ::1]], _Leaf)
_PARTS = types.BaseTuple.from_types([INTEGERS, types.int64[:, ::1]], _Parts)


@compiled(types.int64(_LEAF, types.int64, SCOPE, _PARTS, TREES, BRANCHES, PARENTS))
def _walk_up(
    leaf: _Leaf, number: int, scope: Scope, parts: _Parts, trees: Trees, branches: Branches, parents: Parents
) -> int:
    """Fill in the features on the path from a leaf to the root; how many there are."""
    size, child, node = 0, ~number, parents.leaf[number]
    cover = trees.leaf_cover[number]
    while node >= 0:
        slot = place_of(scope.features, scope.sizes[2], trees.feature[node])
        i = place_of(leaf.place, size, slot)
        if i == size:
            leaf.place[i], leaf.cold[i] = slot, 1.0
            leaf.met[i, : parts.number[slot]] = True
            size += 1
        leaf.cold[i] *= cover / trees.node_cover[node]
        went_left = trees.left[node] == child
        for part in range(parts.number[slot]):
            if branches.left[branches.first[node] + parts.code[slot, part]] != went_left:
                leaf.met[i, part] = False
        cover, child, node = trees.node_cover[node], node, parents.node[node]
    return size


@compiled(types.void(INTEGERS, INTEGERS, types.int64))
def _advance(part: Integers, count: Integers, size: int) -> None:
    """The next combination of parts, the first feature's changing fastest."""
    for k in range(size):
        part[k] += 1
        if part[k] < count[k]:
            return
        part[k] = 0


@compiled(types.void(_LEAF, types.int64, types.float64, INTEGERS, types.int64, FLOATS))
def _tabulate(leaf: _Leaf, size: int, value: float, count: Integers, width: int, table: Floats) -> None:
    """Add what a leaf gives to the rows of its group's table, each of ``width`` numbers."""
    met, found, room = np.empty(MOST_PATH, np.bool_), np.empty((1 << size, MOST_PATH)), np.empty((2, MOST_PATH))
    for pattern in range(1 << size):
        for i in range(size):
            met[i] = (pattern >> i) & 1 == 1
        leaf_values(value, leaf.cold, met, size, found[pattern], room)
    part = np.zeros(width, np.int64)
    for row in range(0, table.size, width):
        pattern = 0
        for i in range(size):
            pattern |= leaf.met[i, part[leaf.place[i]]] << i
        for i in range(size):
            table[row + leaf.place[i]] += found[pattern, i]
        if pattern == (1 << size) - 1:
            table[row + width - 1] += value
        _advance(part, count, width - 1)


@compiled(types.void(_LEAF, types.int64, types.float64, FLOATS))
def _keep(leaf: _Leaf, size: int, value: float, table: Floats) -> None:
    """Keep a leaf that has no table."""
    for i in range(size):
        table[leaf.place[i]] = leaf.cold[i]
    table[size] = value


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


@compiled(types.int64(GROUPS, types.int64))
def _values(groups: Groups, g: int) -> int:
    """How many numbers a group holds."""
    return int((groups.features[g] + 1) * max(groups.entries[g], 1))


@compiled(types.Tuple([SLOTS, TABLES])(TREES, ATOMS, PARENTS, GROUPS))
def _room(trees: Trees, atoms: Atoms, parents: Parents, groups: Groups) -> tuple[Slots, Tables]:
    """Slots and tables, their steps and values not filled in."""
    count = groups.root.size
    start, table_start = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    for g in range(count):
        start[g + 1] = start[g] + groups.features[g]
        table_start[g + 1] = table_start[g] + _values(groups, g)
    feature, step_start = np.empty(start[count], np.uint32), np.empty(start[count], np.int64)
    scope, steps = new_scope(trees), 0
    for g in range(count):
        look_at(scope, groups.root[g], trees, parents)
        for k in range(groups.features[g]):
            f = scope.features[k]
            feature[start[g] + k], step_start[start[g] + k] = f, steps
            steps += atoms.first[f + 1] - atoms.first[f] + 2
    slots = Slots(start, feature, step_start, np.empty(steps, np.uint16))
    return slots, Tables(table_start, groups.entries == 0, np.zeros(table_start[count]))


@compiled(types.void(SCOPE, types.int64, SLOTS, TABLES, TREES, BRANCHES, _PARTS))
def _divide(
    scope: Scope, g: int, slots: Slots, tables: Tables, trees: Trees, branches: Branches, parts: _Parts
) -> None:
    """Find the parts of a group's features, and fill in the steps of their codes."""
    size = slots.start[g + 1] - slots.start[g]
    part = np.empty(parts.code.shape[1], np.int64)
    step = size + 1
    for k in range(size):
        count = parts_of(scope, scope.features[k], trees, branches, part, parts.code[k])
        parts.number[k] = count
        s = slots.start[g] + k
        end = slots.step_start[s + 1] if s + 1 < slots.step_start.size else slots.steps.size
        for c in range(end - slots.step_start[s]):
            # Without a table all nodes are on the path: of the two parts, one goes the leaf's way.
            slots.steps[slots.step_start[s] + c] = part[c] if tables.deep[g] else part[c] * step
        step = 1 if tables.deep[g] else step * count


@compiled(types.void(SLOTS, types.int64, types.int64, types.int64, FLAGS))
def _mark(slots: Slots, g: int, k: int, codes: int, met: Flags) -> None:
    """Let a step say whether the code goes the leaf's way, where it has said which part it lies in."""
    first = slots.step_start[slots.start[g] + k]
    for c in range(first, first + codes):
        slots.steps[c] = 1 if met[slots.steps[c]] else 0


@compiled(types.Tuple([SLOTS, TABLES])(TREES, ATOMS, BRANCHES, PARENTS, GROUPS))
def tables_of(trees: Trees, atoms: Atoms, branches: Branches, parents: Parents, groups: Groups) -> tuple[Slots, Tables]:
    """The slots and tables of the groups of these trees."""
    slots, tables = _room(trees, atoms, parents, groups)
    scope, leaves = new_scope(trees), np.empty(trees.leaf_value.size, np.int64)
    codes = most_codes(atoms)
    most = max(MOST_FEATURES, MOST_PATH)
    leaf = _Leaf(np.empty(most, np.int64), np.empty(most), np.empty((most, codes), np.bool_))
    parts = _Parts(np.empty(most, np.int64), np.empty((most, codes), np.int64))
    for g in range(groups.root.size):
        look_at(scope, groups.root[g], trees, parents)
        _divide(scope, g, slots, tables, trees, branches, parts)
        table = tables.values[tables.start[g] : tables.start[g + 1]]
        for i in range(_leaves(scope, groups.root[g], trees, leaves)):
            size = _walk_up(leaf, leaves[i], scope, parts, trees, branches, parents)
            value = trees.leaf_value[leaves[i]]
            if tables.deep[g]:
                _keep(leaf, size, value, table)
                for k in range(size):
                    f = scope.features[leaf.place[k]]
                    _mark(slots, g, leaf.place[k], atoms.first[f + 1] - atoms.first[f] + 2, leaf.met[k])
            else:
                _tabulate(leaf, size, value, parts.number, groups.features[g] + 1, table)
    return slots, tables
