"""Atoms: the finest parts of a feature's values that a model's splits can tell apart.

A value is coded as the number of the model's thresholds below it, so that every split, also one by a set of categories
or by what is missing, is a set of codes. The last code of a feature stands for a missing value.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, compiled
from models.trees.flat_trees import CATEGORICAL, MISSING_ZERO, TREES, ZERO, Trees, goes_left

MOST_CODES = 65_000  # of a feature; they are 16 bits wide


class Atoms(NamedTuple):
    """The thresholds of each feature, ascending: ``bounds[first[f]:first[f + 1]]``; k of them part k + 2 codes."""

    first: Integers  # (features + 1,)
    bounds: Floats


class Branches(NamedTuple):
    """Whether node i sends the code c of its feature to the left: ``left[first[i] + c]``."""

    first: Integers  # (m + 1,)
    left: Flags


ATOMS = types.BaseTuple.from_types([INTEGERS, FLOATS], Atoms)
BRANCHES = types.BaseTuple.from_types([INTEGERS, FLAGS], Branches)


def atoms_of(trees: Trees, width: int) -> Atoms:
    """The thresholds of the nodes of each of ``width`` features."""
    order = np.argsort(trees.feature, kind="stable")
    nodes = np.split(order, np.searchsorted(trees.feature[order], np.arange(1, width)))
    bounds = [_bounds(trees, of_feature) for of_feature in nodes]
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum([each.size for each in bounds])])
    return Atoms(first, np.concatenate(bounds))


def _bounds(trees: Trees, nodes: Integers) -> Floats:
    decision = trees.decision[nodes]
    by_set = (decision & CATEGORICAL) == CATEGORICAL
    parts = [trees.threshold[nodes][~by_set]]
    if np.any((decision[~by_set] >> 2) & 3 == MISSING_ZERO):
        parts.append(np.array([np.nextafter(-ZERO, -np.inf), ZERO]))
    if by_set.any():
        # LightGBM cuts a code's fraction off: category 0 is all that lies between -1 and 1.
        most = 32 * int((trees.set_end - trees.set_begin)[nodes][by_set].max())
        parts.append(np.concatenate([[-1.0], np.nextafter(np.arange(1.0, most + 1), -np.inf)]))
    return np.unique(np.concatenate(parts))


@compiled(types.int64(types.float64, FLOATS, types.int64, types.int64))
def code_of(x: float, bounds: Floats, begin: int, end: int) -> int:
    """The code of a value of the feature with the thresholds ``bounds[begin:end]``: how many of them lie below it."""
    if np.isnan(x):
        return end - begin + 1
    if abs(x) <= ZERO:
        x = 0.0
    low, size = begin, end - begin
    while size > 0:
        half = size >> 1
        if bounds[low + half] < x:
            low += half + 1
            size -= half + 1
        else:
            size = half
    return low - begin


@compiled(BRANCHES(TREES, ATOMS))
def branches_of(trees: Trees, atoms: Atoms) -> Branches:
    """Where each node sends each code of its feature: asked of one value of each atom."""
    first = np.zeros(trees.feature.size + 1, np.int64)
    for node in range(trees.feature.size):
        f = trees.feature[node]
        first[node + 1] = first[node] + atoms.first[f + 1] - atoms.first[f] + 2
    left = np.empty(first[-1], np.bool_)
    for node in range(trees.feature.size):
        begin = atoms.first[trees.feature[node]]
        size = first[node + 1] - first[node] - 2
        for code in range(size):
            left[first[node] + code] = goes_left(atoms.bounds[begin + code], trees, node)
        left[first[node] + size] = goes_left(np.inf, trees, node)
        left[first[node] + size + 1] = goes_left(np.nan, trees, node)
    return Branches(first, left)
