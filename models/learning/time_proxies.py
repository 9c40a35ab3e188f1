"""Time proxies: features that tell when a lead came, and so let a model learn the time in place of the lead.

A classifier that tells old rows from new ones by one column alone: the share of new rows per bin of the column,
cross-fitted over leads (a classifier two-sample test: Lopez-Paz & Oquab 2017, here in the order of time).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature
from features.ranking import cross_fitted_rates, roc_auc
from models.samples.folds import Groups, Rows, group_folds, time_blocks

MIN_AUC = 0.9  # from which a feature is time-dependent
MIN_UNSEEN = 0.25  # share of the newest leads from which values that trees have not seen matter
_BLOCKS = 5  # of leads in order of time; the newest is what is unseen, and each boundary may part old from new
_FOLDS = 5
_MIN_LEADS = 80  # leads, below which nothing can be said
_LEADS_PER_BIN, _MAX_BINS = 25, 128
_SMOOTH = 1.0  # leads of the average kind that are added to each bin
_HARDLY = 0.02  # a bin this much rarer among older leads than among the newest ones is hardly seen
_NOT_CHANCE = 5  # newest leads in a bin, below which its absence before may be chance
_NAMED = 5  # features in a sentence; more are counted


@dataclass(frozen=True)
class TimeDependence:
    """How well a feature alone tells newer rows from older ones.

    ``auc`` is the highest over the boundaries between five blocks of time (0.5: not at all), ``unseen`` the share of
    leads in the newest block with a value that older leads never or hardly ever had.
    """

    feature: str
    auc: float
    unseen: float

    def to_json(self) -> dict[str, Any]:
        """An entry of ``clocks`` in the training report."""
        return {"feature": self.feature, "auc": round(self.auc, 4), "unseen": round(self.unseen, 4)}


def find_time_proxies(X: Floats, time_rank: Rows, group: Groups, features: Sequence[Feature]) -> list[TimeDependence]:
    """The features that depend on time, or whose newest values were not seen before; the strongest first."""
    measured = measure_time_proxies(X, time_rank, group, features)
    proxies = [proxy for proxy in measured if proxy.auc >= MIN_AUC or proxy.unseen >= MIN_UNSEEN]
    return sorted(proxies, key=lambda proxy: (-proxy.auc, -proxy.unseen, proxy.feature))


def measure_time_proxies(
    X: Floats, time_rank: Rows, group: Groups, features: Sequence[Feature]
) -> list[TimeDependence]:
    """Each feature of X (n, features), NaN for missing, of rows with their rank in time (n,) and lead (n,).

    A lead's rows weigh 1 together. With fewer than 80 leads every AUC is 0.5.
    """
    ages = _Ages.of(time_rank, group)
    if ages is None:
        return [TimeDependence(feature.name, 0.5, 0.0) for feature in features]
    count = int(np.clip(ages.weight.sum() / _LEADS_PER_BIN, 2, _MAX_BINS))
    dependence = []
    for x, feature in zip(X.T, features, strict=True):
        table = ages.table(_bins(x, feature, count))
        auc = max(_auc(table, boundary) for boundary in range(1, _BLOCKS))
        dependence.append(TimeDependence(feature.name, auc, _unseen(table)))
    return dependence


def time_proxy_warnings(proxies: Sequence[TimeDependence]) -> list[str]:
    """Sentences for people about what ``find_time_proxies`` found."""
    dependent = [proxy for proxy in proxies if proxy.auc >= MIN_AUC]
    unseen = sorted((proxy for proxy in proxies if proxy.unseen >= MIN_UNSEEN), key=lambda proxy: -proxy.unseen)
    warnings = []
    if dependent:
        warnings.append(
            f"Time-dependent features: {_listed([proxy.feature for proxy in dependent])}. Each of them alone tells "
            "newer leads from older ones, so the model may have learned when a lead came and not what it is like."
        )
    if unseen:
        listed = _listed([f"{proxy.feature} ({proxy.unseen:.0%} of them)" for proxy in unseen])
        warnings.append(
            f"The newest leads have values that older leads hardly ever had: {listed}. What such values mean is known "
            "from these few leads only; train again as more of them are won or lost."
        )
    return warnings


@dataclass(frozen=True)
class _Ages:
    """Of n rows: the block of time, the fold, and the weight."""

    block: NDArray[np.int64]
    fold: NDArray[np.int64]
    weight: Floats

    @classmethod
    def of(cls, time_rank: Rows, group: Groups) -> "_Ages | None":
        """None where there are too few leads."""
        _, lead, rows = np.unique(group, return_inverse=True, return_counts=True)
        if len(rows) < _MIN_LEADS:
            return None
        block, fold = np.empty(len(lead), dtype=np.int64), np.empty(len(lead), dtype=np.int64)
        for number, chosen in enumerate(time_blocks(time_rank, lead, _BLOCKS)):
            block[chosen] = number
        for number, each in enumerate(group_folds(block.astype(np.float64), lead, _FOLDS, seed=0)):
            fold[each.held_out] = number
        return cls(block, fold, 1.0 / rows[lead])

    def table(self, bins: NDArray[np.int64]) -> Floats:
        """Leads (folds, bins, blocks)."""
        count = int(bins.max()) + 1
        cell = (self.fold * count + bins) * _BLOCKS + self.block
        leads: Floats = np.bincount(cell, self.weight, _FOLDS * count * _BLOCKS).astype(np.float64)
        return leads.reshape(_FOLDS, count, _BLOCKS)


def _bins(x: Floats, feature: Feature, count: int) -> NDArray[np.int64]:
    """A bin for each level, for each number where they are few, else for as many rows each, 0 for missing."""
    known = np.isfinite(x)
    if feature.categories is not None:
        return np.where(known, np.where(known, x, 0.0) + 1, 0).astype(np.int64)
    rising = np.sort(x[known])
    edges = np.unique(rising)
    if len(edges) > count:
        edges = np.unique(rising[np.arange(count) * len(rising) // count])
    bins: NDArray[np.int64] = np.where(known, np.searchsorted(edges, x, "right"), 0).astype(np.int64)
    return bins


def _auc(table: Floats, boundary: int) -> float:
    """Mean over the folds of the AUC of each bin's share of newer leads in the other folds."""
    old, new = table[:, :, :boundary].sum(axis=2), table[:, :, boundary:].sum(axis=2)
    score = np.round(cross_fitted_rates(new, old + new, _SMOOTH), 12)
    return float(np.mean([roc_auc(*fold) for fold in zip(score, new, old, strict=True)]))


def _unseen(table: Floats) -> float:
    """The share of the newest block in bins that are much rarer before it."""
    leads = table.sum(axis=0)
    newest, before = leads[:, -1], leads[:, :-1].sum(axis=1)
    rare = before / before.sum() < _HARDLY * newest / newest.sum()
    return float(newest[rare & (newest >= _NOT_CHANCE)].sum() / newest.sum())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
