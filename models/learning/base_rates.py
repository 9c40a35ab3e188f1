"""Drift of the base rate: what share of leads was won in each stretch of time."""

import numpy as np

from features.arrays import Floats
from models.samples.folds import Groups, Rows, time_blocks

BLOCKS = 8
_VIOLENT = 2.5  # the odds of the best stretch over those of the worst


def base_rates(y: Floats, weight: Floats, group: Groups, position: Rows) -> list[float]:
    """Share of won leads in 8 stretches of as many leads each, oldest first."""
    blocks = time_blocks(position, group, BLOCKS)
    return [float(np.average(y[rows], weights=weight[rows])) for rows in blocks]


def drift_warnings(rates: list[float]) -> list[str]:
    """A sentence where the base rate moves so much that calibration cannot be trusted to hold."""
    low, high = (min(max(rate, 1e-6), 1 - 1e-6) for rate in (min(rates), max(rates)))
    if high / (1 - high) < _VIOLENT * low / (1 - low):
        return []
    told = ", ".join(f"{100 * rate:.1f} %" for rate in rates)
    warning = (
        f"The base rate drifts violently: {told} won from the oldest to the newest leads. "
        "Probabilities for newer leads may be far too low or too high; trust the order of leads more than the numbers."
    )
    return [warning]
