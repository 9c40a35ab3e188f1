"""How good the probabilities are, and whether the difference between two contenders is more than chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from models.evaluation.bootstrap import mean_estimate
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import evaluate
from models.evaluation.scored import Scored
from models.log_odds import log_losses

REPLICATES, SEED = 1000, 0


@dataclass(frozen=True)
class Scores:
    """Log loss, area under the ROC curve, and expected calibration error over 15 bins of equal mass."""

    log_loss: float
    roc_auc: float
    ece: float


def score(y: Floats, p: Floats, lead: NDArray[np.int64]) -> Scores:
    """The scores of probabilities p (n,) for outcomes y (n,); the rows of a lead (n,) weigh 1 together."""
    _, inverse, count = np.unique(lead, return_inverse=True, return_counts=True)
    metrics = evaluate(Scored(y, p, 1.0 / count[inverse], inverse), bootstrap=0)
    return Scores(*(metrics[name].value for name in ("log_loss", "roc_auc", "ece")))


def losses(y: Floats, p: Floats, lead: NDArray[np.int64]) -> Floats:
    """The mean log loss (leads,) of each lead's rows, in the order of the leads."""
    _, inverse, count = np.unique(lead, return_inverse=True, return_counts=True)
    mean: Floats = np.bincount(inverse, log_losses(y, p)) / count
    return mean


def paired_difference(first: Floats, second: Floats, replicates: int = REPLICATES, seed: int = SEED) -> Estimate:
    """The mean of ``first - second`` (leads,), with the percentile interval of replicates that draw leads.

    Both are losses of the same leads; a replicate draws a lead for both. Below 0 the first is better.
    """
    return mean_estimate(first - second, np.ones(first.size), replicates, seed)
