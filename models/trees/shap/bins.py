"""Bins: the intervals of a feature's values that the splits of a model cannot tell apart any further.

A value's code is the number of its bin: how many of the model's thresholds lie below it. So every split, also one by a
set of categories or by what is missing, is a set of codes. The last code of a feature stands for a missing value.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from features.arrays import Flags, Floats, Integers
from features.signatures import FLAGS, FLOATS, INTEGERS, compiled
from models.trees.lightgbm_text import CATEGORICAL, WORD
from models.trees.shap.flat_trees import MISSING_ZERO, TREES, ZERO, Trees, goes_left

MAX_CODES = 65_000  # of a feature; they are 16 bits wide


class Bins(NamedTuple):
    """The thresholds of each feature, ascending: ``bounds[first[f]:first[f + 1]]``; k of them make k + 2 codes."""

    first: Integers  # (features + 1,)
    bounds: Floats
    codes: Integers  # (features,): how many there are


class Branches(NamedTuple):
    """Whether node i sends the code c of its feature to the left: ``left[first[i] + c]``."""

    first: Integers  # (m + 1,)
    left: Flags


BINS = types.BaseTuple.from_types([INTEGERS, FLOATS, INTEGERS], Bins)
BRANCHES = types.BaseTuple.from_types([INTEGERS, FLAGS], Branches)


def bins_of(trees: Trees, width: int) -> Bins:
    """The thresholds of the nodes of each of ``width`` features."""
    order = np.argsort(trees.feature, kind="stable")
    nodes = np.split(order, np.searchsorted(trees.feature[order], np.arange(1, width)))
    bounds = [_bounds(trees, of_feature) for of_feature in nodes]
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum([each.size for each in bounds])])
    return Bins(first, np.concatenate(bounds), np.diff(first) + 2)


def _bounds(trees: Trees, nodes: Integers) -> Floats:
    decision = trees.decision[nodes]
    by_set = (decision & CATEGORICAL) == CATEGORICAL
    bounds = [trees.threshold[nodes][~by_set]]
    if np.any((decision[~by_set] >> 2) & 3 == MISSING_ZERO):
        bounds.append(np.array([np.nextafter(-ZERO, -np.inf), ZERO]))
    if by_set.any():
        # LightGBM cuts a code's fraction off: category 0 is all that lies between -1 and 1.
        codes = WORD * int((trees.set_end - trees.set_begin)[nodes][by_set].max())
        bounds.append(np.concatenate([[-1.0], np.nextafter(np.arange(1.0, codes + 1), -np.inf)]))
    return np.unique(np.concatenate(bounds))


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


@compiled(BRANCHES(TREES, BINS))
def branches_of(trees: Trees, bins: Bins) -> Branches:
    """Where each node sends each code of its feature: tried with one value of each bin."""
    first = np.zeros(trees.feature.size + 1, np.int64)
    for node in range(trees.feature.size):
        first[node + 1] = first[node] + bins.codes[trees.feature[node]]
    left = np.empty(first[-1], np.bool_)
    for node in range(trees.feature.size):
        begin = bins.first[trees.feature[node]]
        size = first[node + 1] - first[node] - 2
        for code in range(size):
            left[first[node] + code] = goes_left(bins.bounds[begin + code], trees, node)
        left[first[node] + size] = goes_left(np.inf, trees, node)
        left[first[node] + size + 1] = goes_left(np.nan, trees, node)
    return Branches(first, left)
