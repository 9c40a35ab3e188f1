"""Groups: the leaves of a subtree, whose SHAP values can be tabulated together.

Two leaves of a subtree share the path to it and differ in a few nodes. What all of them give to each feature depends on
the codes of the features at the path and in the subtree only, and of each feature only on the cells into which these
nodes divide its codes. So a group is a subtree as large as its table may be.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from features.arrays import Flags, Integers
from features.signatures import FLAGS, INTEGERS, compiled
from models.trees.shap.bins import BINS, BRANCHES, Bins, Branches
from models.trees.shap.flat_trees import TREES, Trees

MAX_ENTRIES = 1_024  # combinations of cells in a group's table: with a dozen features, what a core's cache holds
MAX_LONE_ENTRIES = 4_096  # the same of a leaf alone: what it would cost without a table grows with the path
MAX_FEATURES = 16  # in a group with a table
MAX_PATH = 64  # features on the path to a leaf without a table
_MAX_NODES = 60  # of one feature in a subtree: they are told apart by bits of an integer


class Parents(NamedTuple):
    """The inner node above each inner node (m,) and each leaf (l,); -1 above a root."""

    node: Integers
    leaf: Integers


class Groups(NamedTuple):
    """g groups in the order of the trees.

    ``root`` is an inner node or ``~leaf``, ``entries`` the number of combinations, 0 for a leaf whose path holds too
    many features for a table; ``features`` how many it depends on.
    """

    root: Integers
    entries: Integers
    features: Integers


class Scope(NamedTuple):
    """Memory for what a group depends on: its inner nodes, the path to its root and the features of both.

    ``sizes`` says how many there are of each; ``went_left`` which way the path goes at its nodes.
    """

    nodes: Integers
    path: Integers
    went_left: Flags
    features: Integers
    sizes: Integers  # (3,)


PARENTS = types.BaseTuple.from_types([INTEGERS, INTEGERS], Parents)
GROUPS = types.BaseTuple.from_types([INTEGERS, INTEGERS, INTEGERS], Groups)
SCOPE = types.BaseTuple.from_types([INTEGERS, INTEGERS, FLAGS, INTEGERS, INTEGERS], Scope)


@compiled(PARENTS(TREES))
def parents_of(trees: Trees) -> Parents:
    """The nodes above all nodes and leaves."""
    node, leaf = np.full(trees.feature.size, -1), np.full(trees.leaf_value.size, -1)
    for parent in range(trees.feature.size):
        for child in (trees.left[parent], trees.right[parent]):
            if child >= 0:
                node[child] = parent
            else:
                leaf[~child] = parent
    return Parents(node, leaf)


@compiled(SCOPE(TREES))
def new_scope(trees: Trees) -> Scope:
    """Memory for any group of these trees."""
    nodes = 1
    for tree in range(trees.node_start.size - 1):
        nodes = max(nodes, trees.node_start[tree + 1] - trees.node_start[tree])
    return Scope(
        np.empty(nodes, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.bool_), np.empty(2 * nodes, np.int64),
        np.zeros(3, np.int64),
    )  # fmt: skip


@compiled(types.int64(INTEGERS, types.int64, types.int64))
def place_of(values: Integers, size: int, value: int) -> int:
    """The index of a value among the first ``size``; ``size`` where it is none of them."""
    for place in range(size):
        if values[place] == value:
            return place
    return size


@compiled(types.void(SCOPE, types.int64))
def _add_feature(scope: Scope, feature: int) -> None:
    place = place_of(scope.features, scope.sizes[2], feature)
    scope.features[place] = feature
    scope.sizes[2] = max(scope.sizes[2], place + 1)


@compiled(types.void(SCOPE, types.int64, TREES, PARENTS))
def fill_scope(scope: Scope, root: int, trees: Trees, parents: Parents) -> None:
    """Fill the scope with the group below a node or of a leaf."""
    scope.sizes[:] = 0
    child, node = root, parents.node[root] if root >= 0 else parents.leaf[~root]
    while node >= 0:
        scope.path[scope.sizes[1]] = node
        scope.went_left[scope.sizes[1]] = trees.left[node] == child
        scope.sizes[1] += 1
        _add_feature(scope, trees.feature[node])
        child, node = node, parents.node[node]
    if root >= 0:
        scope.nodes[0] = root
        scope.sizes[0] = 1
    looked = 0
    while looked < scope.sizes[0]:
        node = scope.nodes[looked]
        _add_feature(scope, trees.feature[node])
        for below in (trees.left[node], trees.right[node]):
            if below >= 0:
                scope.nodes[scope.sizes[0]] = below
                scope.sizes[0] += 1
        looked += 1


@compiled(types.int64(INTEGERS, types.int64, INTEGERS))
def _numbered(cell: Integers, size: int, code: Integers) -> int:
    """Number the distinct values of ``cell`` in the order of their first appearance; how many there are."""
    values = np.empty(size, np.int64)
    count = 0
    for c in range(size):
        place = place_of(values, count, cell[c])
        if place == count:
            values[count] = cell[c]
            code[count] = c
            count += 1
        cell[c] = place
    return count


@compiled(types.int64(types.int64, types.boolean, types.int64, BRANCHES, INTEGERS))
def _set_bit(node: int, left: bool, bit: int, branches: Branches, cell: Integers) -> int:
    """Set a bit of the codes that a node sends to the other side than this; how many codes its feature has."""
    first, end = branches.first[node], branches.first[node + 1]
    for c in range(end - first):
        cell[c] |= (branches.left[first + c] != left) << bit
    return int(end - first)


@compiled(types.int64(SCOPE, types.int64, TREES, BRANCHES, INTEGERS, INTEGERS))
def cells_of(scope: Scope, feature: int, trees: Trees, branches: Branches, cell: Integers, code: Integers) -> int:
    """How many cells a group tells apart of a feature, -1 for too many.

    Puts the cell of each of its codes into ``cell``, and one code of each cell into ``code``.
    """
    cell[:] = 0
    size, bit = 0, 1  # bit 0 is for the codes that leave the path
    for i in range(scope.sizes[1]):
        if trees.feature[scope.path[i]] == feature:
            size = _set_bit(scope.path[i], scope.went_left[i], 0, branches, cell)
    for i in range(scope.sizes[0]):
        if trees.feature[scope.nodes[i]] == feature:
            size = _set_bit(scope.nodes[i], False, bit, branches, cell)
            bit += 1
            if bit > _MAX_NODES:
                return -1
    return _numbered(cell, size, code)


@compiled(types.int64(SCOPE, TREES, BRANCHES, INTEGERS, INTEGERS))
def _entries(scope: Scope, trees: Trees, branches: Branches, cell: Integers, code: Integers) -> int:
    """The combinations of cells of a group, 0 where they are too many for a table."""
    if scope.sizes[2] > MAX_FEATURES:
        return 0
    entries, limit = 1, MAX_LONE_ENTRIES if scope.sizes[0] == 0 else MAX_ENTRIES
    for k in range(scope.sizes[2]):
        cells = cells_of(scope, scope.features[k], trees, branches, cell, code)
        entries *= cells
        if cells < 0 or entries > limit:
            return 0
    return entries


@compiled(GROUPS(TREES, BINS, BRANCHES, PARENTS))
def groups_of(trees: Trees, bins: Bins, branches: Branches, parents: Parents) -> Groups:
    """The trees as groups: each subtree that fits a table and is not part of a larger one that does."""
    scope = new_scope(trees)
    cell, code = np.empty(bins.codes.max(), np.int64), np.empty(bins.codes.max(), np.int64)
    leaves = trees.leaf_value.size
    root, entries, features = np.empty(leaves, np.int64), np.empty(leaves, np.int64), np.empty(leaves, np.int64)
    stack = np.empty(trees.feature.size + 2, np.int64)
    count = 0
    for tree in range(trees.node_start.size - 1):
        one_leaf = trees.node_start[tree] == trees.node_start[tree + 1]
        stack[0] = ~trees.leaf_start[tree] if one_leaf else trees.node_start[tree]
        top = 1
        while top > 0:
            top -= 1
            below = stack[top]
            fill_scope(scope, below, trees, parents)
            size = _entries(scope, trees, branches, cell, code)
            if size > 0 or below < 0:
                root[count], entries[count], features[count] = below, size, scope.sizes[2]
                count += 1
            else:
                stack[top], stack[top + 1] = trees.right[below], trees.left[below]
                top += 2
    return Groups(root[:count].copy(), entries[:count].copy(), features[:count].copy())
