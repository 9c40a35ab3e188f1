"""How good the probabilities are, and whether the difference between two contenders is more than chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from models.evaluation.metrics import evaluate
from models.log_odds import log_losses

REPLICATES, SEED = 1000, 0


@dataclass(frozen=True)
class Scores:
    """Log loss, area under the ROC curve, and expected calibration error over 15 bins of equal mass."""

    log_loss: float
    roc_auc: float
    ece: float


@dataclass(frozen=True)
class Difference:
    """A mean difference of losses per lead with its 95 % bootstrap interval; below 0 the first is better."""

    mean: float
    low: float
    high: float


def score(y: Floats, p: Floats, lead: NDArray[np.int64]) -> Scores:
    """The scores of probabilities p (n,) for outcomes y (n,); the rows of a lead (n,) weigh 1 together."""
    _, inverse, count = np.unique(lead, return_inverse=True, return_counts=True)
    found = evaluate(y, p, weight=1.0 / count[inverse], bootstrap=0)
    return Scores(*(found[name].value for name in ("log_loss", "roc_auc", "ece")))


def losses(y: Floats, p: Floats, lead: NDArray[np.int64]) -> Floats:
    """The mean log loss (leads,) of each lead's rows, in the order of the leads."""
    _, inverse, count = np.unique(lead, return_inverse=True, return_counts=True)
    mean: Floats = np.bincount(inverse, log_losses(y, p)) / count
    return mean


def paired_difference(first: Floats, second: Floats, replicates: int = REPLICATES, seed: int = SEED) -> Difference:
    """The mean of ``first - second`` (leads,), with the percentile interval of replicates that draw leads.

    Both are losses of the same leads; a replicate draws a lead for both (Efron and Tibshirani 1993, section 13).
    """
    apart = first - second
    random = np.random.default_rng(seed)
    drawn = [float(apart[random.integers(apart.size, size=apart.size)].mean()) for _ in range(replicates)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Difference(float(apart.mean()), float(low), float(high))
