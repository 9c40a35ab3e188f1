"""Drift of the base rate while the model learns: when a person should be warned."""

import numpy as np

from models.log_odds import logit

BLOCKS = 8
_MAX_ODDS_RATIO = 2.5  # of the best block to the worst


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
