"""A model against the baselines on the same leads."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation.bootstrap import mean_estimate
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import METRICS
from models.evaluation.scored import Scored
from models.log_odds import log_losses


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
        return {name: self.metrics[name].to_json() for name in METRICS}


def paired_difference(scored: Scored, other: Floats, *, replicates: int, seed: int) -> Estimate:
    """Log loss of the probabilities ``other`` (n,) less that of ``scored``: above 0 where ``other`` is worse.

    The 95% interval is a bootstrap over leads of the paired difference, so what the two share cancels out.

    >>> scored = Scored.one_each(np.array([1.0, 0.0, 0.0, 1.0]), np.array([0.9, 0.2, 0.4, 0.7]))
    >>> behind = paired_difference(scored, np.full(4, 0.5), replicates=1000, seed=0)
    >>> print(f"{behind.value:.2f} ({behind.low:.2f} to {behind.high:.2f})")
    0.39 (0.25 to 0.53)
    """
    losses, others = (log_losses(scored.outcome, p) for p in (scored.probability, other))
    total, mass = (np.bincount(scored.lead, each) for each in ((others - losses) * scored.weight, scored.weight))
    return mean_estimate(total.astype(np.float64), mass.astype(np.float64), replicates, seed)
