"""Pooling adjacent violators: the blocks of an isotonic regression."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats

Indices: TypeAlias = NDArray[np.int64]


def group_scores(score: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Distinct scores (k,) in rising order with their weighted outcomes (k,) and weights (k,)."""
    scores, place = np.unique(score, return_inverse=True)
    won = np.bincount(place, weight * y, len(scores)).astype(np.float64)
    mass = np.bincount(place, weight, len(scores)).astype(np.float64)
    return scores, won, mass


def pool(outcome: Floats, weight: Floats) -> Indices:
    """Where the last block begins in the isotonic regression of the first i + 1 of k points, for each i (k,).

    The means ``outcome / weight`` of the blocks rise strictly. The blocks of all k points are found by following the
    result back from its end: the last block is ``result[-1]:k``, the one before ends where that begins.
    """
    sums = np.concatenate([[0.0], np.cumsum(outcome)]).tolist()
    mass = np.concatenate([[0.0], np.cumsum(weight)]).tolist()
    starts: list[int] = []
    for end in range(1, len(sums)):
        start = end - 1
        while start > 0:
            before = starts[start - 1]
            left = (sums[start] - sums[before]) * (mass[end] - mass[start])
            if left < (sums[end] - sums[start]) * (mass[start] - mass[before]):
                break
            start = before
        starts.append(start)
    return np.array(starts, dtype=np.int64)


def blocks(starts: Indices) -> list[slice]:
    """The blocks of all points, in rising order, from what ``pool`` gave."""
    slices, end = [], len(starts)
    while end > 0:
        slices.append(slice(int(starts[end - 1]), end))
        end = int(starts[end - 1])
    return slices[::-1]
