"""The base rate along time: what share of leads was won in each block."""

from collections.abc import Sequence

import numpy as np

from features.arrays import Floats, Integers


def base_rates(y: Floats, blocks: Sequence[Integers], weight: Floats | None = None) -> list[float]:
    """The share of won rows in each block; y (n,) of 0 and 1, weight (n,) that of each row, else all count the same.

    >>> base_rates(np.array([0.0, 0.0, 0.0, 1.0]), row_blocks(np.arange(4), 2))
    [0.0, 0.5]
    """
    return [float(np.average(y[rows], weights=None if weight is None else weight[rows])) for rows in blocks]


def row_blocks(time_rank: Integers, count: int) -> list[Integers]:
    """Rows (n,) in at most ``count`` blocks of as many rows each, oldest first, whatever leads they are of."""
    return [rows for rows in np.array_split(np.argsort(time_rank, kind="stable"), count) if rows.size]
