"""How good the probabilities are, and whether the difference between two contenders is more than chance."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answer import Answer
from features.arrays import Floats
from models.evaluation.bootstrap import mean_estimate
from models.evaluation.calibration import calibration_line
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import evaluate
from models.evaluation.reliability import summarise_intervals
from models.evaluation.scored import Scored
from models.log_odds import log_losses

REPLICATES, SEED = 1000, 0


@dataclass(frozen=True)
class Scores:
    """Log loss, area under the ROC curve, expected calibration error over 15 bins of equal mass, calibration slope.

    The slope is NaN where there is none, such as for one probability for everybody.
    """

    log_loss: float
    roc_auc: float
    ece: float
    slope: float

    @classmethod
    def mean(cls, scores: Sequence["Scores"]) -> "Scores":
        """Each on average, but the middle slope: that of nearly equal probabilities may be anything."""
        values = np.array([astuple(each) for each in scores])
        log_loss, roc_auc, ece, _ = values.mean(axis=0).tolist()
        return cls(log_loss, roc_auc, ece, float(np.median(values[:, -1])))


@dataclass(frozen=True)
class AgainstTruth:
    """Probabilities against those that the outcomes were drawn with, so that chance is left out.

    ``ece`` is the expected calibration error with the truth in place of outcomes, ``roc_auc_share`` the area under the
    ROC curve as a share of the truth's, ``covered`` the share of leads whose interval holds the truth (None without).
    """

    ece: float
    roc_auc_share: float
    covered: float | None


def score(y: Floats, p: Floats, lead: NDArray[np.int64]) -> Scores:
    """The scores of probabilities p (n,) for outcomes y (n,); the rows of a lead (n,) weigh 1 together."""
    scored = _scored(y, p, lead)
    metrics = evaluate(scored, bootstrap=0)
    log_loss, roc_auc, ece = (metrics[name].value for name in ("log_loss", "roc_auc", "ece"))
    return Scores(log_loss, roc_auc, ece, calibration_line(scored).slope.value)


def against_truth(y: Floats, answer: Answer, truth: Floats, lead: NDArray[np.int64]) -> AgainstTruth:
    """An answer (n,) to rows whose true probabilities (n,) are known."""
    of_truth, ours = score(y, truth, lead), score(y, answer.p, lead)
    drawn = _scored(truth, answer.p, lead)
    covered = None
    if answer.low is not None and answer.high is not None:
        covered = drawn.mean((answer.low <= truth) & (truth <= answer.high))
    return AgainstTruth(evaluate(drawn, bootstrap=0)["ece"].value, ours.roc_auc / of_truth.roc_auc, covered)


def covered_bins(y: Floats, answer: Answer, lead: NDArray[np.int64]) -> tuple[int, int] | None:
    """In how many of ten bins the share of won leads agrees with the mean interval; None without intervals."""
    if answer.low is None or answer.high is None:
        return None
    found = summarise_intervals(_scored(y, answer.p, lead), answer.low, answer.high)
    return found.covered, found.bins


def _scored(y: Floats, p: Floats, lead: NDArray[np.int64]) -> Scored:
    _, inverse, count = np.unique(lead, return_inverse=True, return_counts=True)
    return Scored(y, p, 1.0 / count[inverse], inverse)


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
