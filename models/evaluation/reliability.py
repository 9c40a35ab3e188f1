"""Whether what is predicted happens: observed shares by predicted probability, and what the intervals cover."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation.intervals import wilson
from models.evaluation.metrics import mass_bins
from models.evaluation.scored import Scored

BINS = 10
_ROUNDING = 1e-9


@dataclass(frozen=True)
class ReliabilityBin:
    """Leads of similar probability: the mean prediction, and the share that bought with its 95% interval."""

    bin: int
    leads: float
    predicted: float
    observed: float
    low: float
    high: float


def reliability(scored: Scored, bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """Bins of equal mass, lowest probability first, of those that have leads; equal probabilities share a bin.

    Each lead counts once in the interval.

    >>> scored = Scored.one_each(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.3, 0.6, 0.8]))
    >>> [(round(each.predicted, 2), each.observed) for each in reliability(scored, bins=2)]
    [(0.2, 0.0), (0.7, 1.0)]
    """
    number = mass_bins(scored.probability, scored.weight, bins)
    rows = [scored.where(number == each) for each in np.unique(number)]
    return tuple(_reliability_bin(each, leads) for each, leads in enumerate(rows, start=1))


def _reliability_bin(number: int, scored: Scored) -> ReliabilityBin:
    leads, predicted = float(scored.weight.sum()), scored.mean(scored.probability)
    return ReliabilityBin(number, leads, predicted, *wilson(scored.won_rate, leads))


@dataclass(frozen=True)
class IntervalSummary:
    """What the intervals of the leads amount to.

    Widths in probability. ``covered`` of ``bins`` reliability bins have an observed share of buyers that lies, within
    its own sampling error, between the mean lower and the mean upper end.
    """

    mean_width: float
    median_width: float
    widest_tenth: float  # the width that nine of ten leads stay below
    contains_probability: float  # share of leads whose interval holds their probability
    mean_low: float
    mean_high: float
    covered: int
    bins: int


def summarise_intervals(scored: Scored, low: Floats, high: Floats) -> IntervalSummary:
    """Sum up the intervals ``low`` to ``high`` (n,) of the leads."""
    width = high - low
    inside = (low <= scored.probability + _ROUNDING) & (scored.probability <= high + _ROUNDING)
    bins = reliability(scored)
    ends = zip(bins, _bin_means(scored, low), _bin_means(scored, high), strict=True)
    return IntervalSummary(
        mean_width=scored.mean(width),
        median_width=float(np.median(width)),
        widest_tenth=float(np.quantile(width, 0.9)),
        contains_probability=scored.mean(inside),
        mean_low=scored.mean(low),
        mean_high=scored.mean(high),
        covered=sum(bool(each.high >= lower and each.low <= upper) for each, lower, upper in ends),
        bins=len(bins),
    )


def _bin_means(scored: Scored, values: Floats) -> Floats:
    number = np.unique(mass_bins(scored.probability, scored.weight, BINS), return_inverse=True)[1]
    means: Floats = np.bincount(number, scored.weight * values) / np.bincount(number, scored.weight)
    return means
