"""Groups: the leaves of a subtree, whose SHAP values can be tabulated together.

Two leaves of a subtree share the path to it and differ in a few nodes. What all of them give to each feature depends on
the codes of the features at the path and in the subtree only, and of each feature only on the parts into which these
nodes divide its codes. So a group is a subtree as large as its table may be.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from features.arrays import Flags, Integers
from features.signatures import FLAGS, INTEGERS, compiled
from models.trees.flat_trees import TREES, Trees
from models.trees.shap.codes import ATOMS, BRANCHES, Atoms, Branches

MOST_ENTRIES = 1_024  # combinations of parts in a group's table: with a dozen features, what a core's cache holds
MOST_ALONE = 4_096  # the same of a leaf alone: what it would cost without a table grows with the path
MOST_FEATURES = 16  # in a group with a table
MOST_PATH = 64  # features on the path to a leaf without a table
_MOST_NODES = 60  # of one feature in a subtree: they are told apart by bits of an integer


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
    """Room for what a group depends on: its inner nodes, the path to its root and the features of both.

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
    """Room for any group of these trees."""
    most = 1
    for tree in range(trees.node_start.size - 1):
        most = max(most, trees.node_start[tree + 1] - trees.node_start[tree])
    return Scope(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.bool_), np.empty(2 * most, np.int64),
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
def look_at(scope: Scope, root: int, trees: Trees, parents: Parents) -> None:
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
def _numbered(part: Integers, size: int, code: Integers) -> int:
    """Number the distinct values of ``part`` in the order of their first appearance; how many there are."""
    found = np.empty(size, np.int64)
    count = 0
    for c in range(size):
        place = place_of(found, count, part[c])
        if place == count:
            found[count] = part[c]
            code[count] = c
            count += 1
        part[c] = place
    return count


@compiled(types.int64(SCOPE, types.int64, TREES, BRANCHES, INTEGERS))
def _mark_turns(scope: Scope, feature: int, trees: Trees, branches: Branches, part: Integers) -> int:
    """Set bit 0 of the codes of a feature that leave the path; how many codes there are, 0 if it is not on the path."""
    size = 0
    for i in range(scope.sizes[1]):
        node = scope.path[i]
        if trees.feature[node] == feature:
            first = branches.first[node]
            size = branches.first[node + 1] - first
            for c in range(size):
                if branches.left[first + c] != scope.went_left[i]:
                    part[c] |= 1
    return size


@compiled(types.int64(SCOPE, types.int64, TREES, BRANCHES, INTEGERS, INTEGERS))
def parts_of(scope: Scope, feature: int, trees: Trees, branches: Branches, part: Integers, code: Integers) -> int:
    """How many parts a group tells apart of a feature, -1 for too many.

    Puts the part of each of its codes into ``part``, and one code of each part into ``code``.
    """
    part[:] = 0
    size, bit = _mark_turns(scope, feature, trees, branches, part), 1
    for i in range(scope.sizes[0]):
        node = scope.nodes[i]
        if trees.feature[node] == feature:
            first = branches.first[node]
            size = branches.first[node + 1] - first
            for c in range(size):
                part[c] |= branches.left[first + c] << bit
            bit += 1
            if bit > _MOST_NODES:
                return -1
    return _numbered(part, size, code)


@compiled(types.int64(SCOPE, TREES, BRANCHES, INTEGERS, INTEGERS))
def _entries(scope: Scope, trees: Trees, branches: Branches, part: Integers, code: Integers) -> int:
    """The combinations of parts of a group, 0 where they are too many for a table."""
    if scope.sizes[2] > MOST_FEATURES:
        return 0
    entries, most = 1, MOST_ALONE if scope.sizes[0] == 0 else MOST_ENTRIES
    for k in range(scope.sizes[2]):
        parts = parts_of(scope, scope.features[k], trees, branches, part, code)
        entries *= parts
        if parts < 0 or entries > most:
            return 0
    return entries


@compiled(types.int64(ATOMS))
def most_codes(atoms: Atoms) -> int:
    """The number of codes of the feature that has most."""
    most = 0
    for f in range(atoms.first.size - 1):
        most = max(most, atoms.first[f + 1] - atoms.first[f])
    return most + 2


@compiled(GROUPS(TREES, ATOMS, BRANCHES, PARENTS))
def groups_of(trees: Trees, atoms: Atoms, branches: Branches, parents: Parents) -> Groups:
    """The trees as groups: each subtree that fits a table and is not part of a larger one that does."""
    scope = new_scope(trees)
    part, code = np.empty(most_codes(atoms), np.int64), np.empty(most_codes(atoms), np.int64)
    most = trees.leaf_value.size
    root, entries, features = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    stack = np.empty(trees.feature.size + 2, np.int64)
    found = 0
    for tree in range(trees.node_start.size - 1):
        one_leaf = trees.node_start[tree] == trees.node_start[tree + 1]
        stack[0] = ~trees.leaf_start[tree] if one_leaf else trees.node_start[tree]
        top = 1
        while top > 0:
            top -= 1
            below = stack[top]
            look_at(scope, below, trees, parents)
            size = _entries(scope, trees, branches, part, code)
            if size > 0 or below < 0:
                root[found], entries[found], features[found] = below, size, scope.sizes[2]
                found += 1
            else:
                stack[top], stack[top + 1] = trees.right[below], trees.left[below]
                top += 2
    return Groups(root[:found].copy(), entries[:found].copy(), features[:found].copy())
