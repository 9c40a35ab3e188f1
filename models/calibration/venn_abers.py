"""Venn-Abers prediction: for a margin, what isotonic regression would say if the lead were lost, and if it were won.

Inductive Venn-Abers predictors of Vovk, Petej, Fedorova, "Large-scale probabilistic predictors with and without
guarantees of validity" (2015), computed once for every place that a margin can take among the calibration margins.
"""

import numpy as np

from features.arrays import Floats
from models.calibration.calibrators import VennAbersSteps
from models.calibration.isotonic import Indices, group_scores, pool

DECIMALS = 2  # margins are rounded: the guarantee holds for any score, and the steps stay few


def fit_venn_abers(margin: Floats, y: Floats, weight: Floats) -> VennAbersSteps:
    """The steps of both predictions from margins (n,), outcomes (n,) of 0 and 1 and weights (n,)."""
    scores, outcome, mass = group_scores(np.round(margin, DECIMALS), y, weight)
    left = pool(outcome, mass)
    right = len(scores) - pool(-outcome[::-1], mass[::-1])[::-1]
    low, high = (_with_one_more(outcome, mass, left, right, label) for label in (0.0, 1.0))
    return VennAbersSteps(scores, low, high, DECIMALS)


def _with_one_more(outcome: Floats, mass: Floats, left: Indices, right: Indices, label: float) -> Floats:
    """Isotonic regression at a further point of weight 1, for each of its 2k + 1 places between and at k scores.

    ``left[i]`` is where the last block of the points up to i begins, ``right[i]`` where the first block of the points
    from i ends. The further point joins the blocks beside it as long as they violate the order.
    """
    sums = np.concatenate([[0.0], np.cumsum(outcome)])
    masses = np.concatenate([[0.0], np.cumsum(mass)])
    cell = np.arange(2 * len(mass) + 1)
    start, end = cell // 2, (cell + 1) // 2

    def value() -> Floats:
        return np.asarray((sums[end] - sums[start] + label) / (masses[end] - masses[start] + 1.0))

    def mean(first: Indices, last: Indices) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((sums[last] - sums[first]) / (masses[last] - masses[first]))

    while True:
        before, after = left[np.maximum(start - 1, 0)], right[np.minimum(end, len(mass) - 1)]
        below = (start > 0) & (mean(before, start) >= value())
        start = np.where(below, before, start)
        above = (end < len(mass)) & (mean(end, after) <= value())
        end = np.where(above, after, end)
        if not (below.any() or above.any()):
            return value()
