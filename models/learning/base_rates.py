"""The base rate along time: what share of leads was won in each block."""

from collections.abc import Sequence

import numpy as np

from features.arrays import Floats
from models.log_odds import logit
from models.samples.folds import Rows

BLOCKS = 8
_MAX_ODDS_RATIO = 2.5  # of the best block to the worst


def base_rates(y: Floats, blocks: Sequence[Rows], weight: Floats | None = None) -> list[float]:
    """The share of won rows in each block; y (n,) of 0 and 1, weight (n,) that of each row, else all count the same.

    >>> base_rates(np.array([0.0, 0.0, 0.0, 1.0]), row_blocks(np.arange(4), 2))
    [0.0, 0.5]
    """
    return [float(np.average(y[rows], weights=None if weight is None else weight[rows])) for rows in blocks]


def row_blocks(time_rank: Rows, count: int) -> list[Rows]:
    """Rows (n,) in at most ``count`` blocks of as many rows each, oldest first, whatever leads they are of."""
    return [rows for rows in np.array_split(np.argsort(time_rank, kind="stable"), count) if rows.size]


def drift_warnings(rates: list[float]) -> list[str]:
    """A sentence where the base rate moves so much that calibration cannot be trusted to hold."""
    low, high = logit(np.array([min(rates), max(rates)]))
    if high - low < np.log(_MAX_ODDS_RATIO):
        return []
    listed = ", ".join(f"{rate:.1%}" for rate in rates)
    warning = (
        f"The win rate changes sharply over time: {listed}, oldest to newest. Probabilities of new leads may be far "
        "too low or too high; trust the order of leads more than the numbers."
    )
    return [warning]
