"""The model against the baselines on the same test leads."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation.intervals import estimate_json
from models.evaluation.metrics import METRICS, Estimate
from models.log_odds import log_losses
from pipelines.evaluation.scored import Scored

_BLOCK = 4_000_000  # random numbers drawn at once


@dataclass(frozen=True)
class Contender:
    """A model or baseline: its metrics by name, and its log loss less the model's (None for the model itself).

    Where ``behind`` lies above 0 with its whole interval, the model is better beyond noise.
    """

    name: str
    metrics: dict[str, Estimate]
    behind: Estimate | None = None

    def to_json(self) -> dict[str, dict[str, float | None]]:
        """The metrics, each with value, low and high."""
        return {name: estimate_json(self.metrics[name]) for name in METRICS}


def paired_difference(scored: Scored, other: Floats, *, replicates: int, seed: int) -> Estimate:
    """Log loss of the probabilities ``other`` (n,) less that of ``scored``: above 0 where ``other`` is worse.

    The 95 % interval is a bootstrap over leads of the paired difference, so what the two share cancels out.
    """
    behind = log_losses(scored.outcome, other) - log_losses(scored.outcome, scored.probability)
    per_lead: Floats = np.bincount(scored.lead, weights=behind * scored.weight).astype(np.float64)
    mass: Floats = np.bincount(scored.lead, weights=scored.weight).astype(np.float64)
    draws = _resampled_means(per_lead, mass, replicates, seed)
    low, high = np.percentile(draws, (2.5, 97.5))
    return Estimate(float(per_lead.sum() / mass.sum()), float(low), float(high))


def _resampled_means(total: Floats, mass: Floats, replicates: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    leads = len(total)
    at_once = max(1, _BLOCK // leads)
    means = []
    for start in range(0, replicates, at_once):
        drawn = generator.integers(0, leads, (min(at_once, replicates - start), leads))
        means.append(total[drawn].sum(axis=1) / mass[drawn].sum(axis=1))
    return np.concatenate(means)
