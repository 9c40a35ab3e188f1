"""Venn-Abers prediction: for a margin, what isotonic regression would say if the lead were lost, and if it were won.

Inductive Venn-Abers predictors of Vovk, Petej, Fedorova, "Large-scale probabilistic predictors with and without
guarantees of validity" (2015), computed once for every place that a margin can take among the calibration margins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import Floats
from models.calibration.calibrators import Calibrator, VennAbersSteps, calibrator_from_dict
from models.calibration.isotonic import Indices, group_scores, pool

DECIMALS = 2  # margins are rounded: the guarantee holds for any score, and the steps stay few


@dataclass(frozen=True)
class VennAbersInterval:
    """The Venn-Abers interval of a margin, widened where needed so that it holds the probability itself."""

    steps: VennAbersSteps
    calibrator: Calibrator

    def predict(self, margin: Floats, probability: Floats | None = None) -> tuple[Floats, Floats]:
        """Lower and upper probability, each (n,); ``probability`` (n,) is the calibrator's, where that is known."""
        low, high = self.steps.predict(margin)
        if probability is None:
            probability = self.calibrator.predict(margin)
        return np.minimum(low, probability), np.maximum(high, probability)

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON values."""
        return {"kind": "venn_abers", "steps": self.steps.to_dict(), "calibrator": self.calibrator.to_dict()}


def interval_from_dict(state: Mapping[str, Any]) -> VennAbersInterval:
    """The inverse of ``VennAbersInterval.to_dict``."""
    return VennAbersInterval(VennAbersSteps.from_dict(state["steps"]), calibrator_from_dict(state["calibrator"]))


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
    while True:
        value = (sums[end] - sums[start] + label) / (masses[end] - masses[start] + 1.0)
        before = left[np.maximum(start - 1, 0)]
        with np.errstate(invalid="ignore", divide="ignore"):
            below = (sums[start] - sums[before]) / (masses[start] - masses[before])
        joins = (start > 0) & (below >= value)
        start = np.where(joins, before, start)
        value = (sums[end] - sums[start] + label) / (masses[end] - masses[start] + 1.0)
        after = right[np.minimum(end, len(mass) - 1)]
        with np.errstate(invalid="ignore", divide="ignore"):
            above = (sums[after] - sums[end]) / (masses[after] - masses[end])
        joined = (end < len(mass)) & (above <= value)
        end = np.where(joined, after, end)
        if not (joins.any() or joined.any()):
            break
    result: Floats = value
    return result
