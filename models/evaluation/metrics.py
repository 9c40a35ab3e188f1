"""How good probabilities are on leads that the model has not seen, with bootstrap intervals over leads."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from models.log_odds import log_losses
from models.samples.folds import Groups

METRICS = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_at_10")
BINS = 15
_CELLS = 4_000_000  # of replicates x rows held at a time


@dataclass(frozen=True)
class Estimate:
    """A metric's value and its 95 % bootstrap interval; NaN where it is not defined (one outcome only)."""

    value: float
    low: float
    high: float


def evaluate(
    y: Floats,
    p: Floats,
    *,
    weight: Floats | None = None,
    group: Groups | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, Estimate]:
    """METRICS of probabilities p (n,) for outcomes y (n,) of 0 and 1.

    ``weight`` (n,) is each row's, ``group`` (n,) its lead: replicates draw leads, with all their rows. ``ece`` is over
    15 bins of equal mass, ``lift_at_10`` the rate of won leads among the top tenth over the rate among all. Rows of one
    probability are never told apart. Raises ValueError where there are no rows.
    """
    ranked = _rank(y, p, np.ones(len(y)) if weight is None else np.asarray(weight, float))
    value = _measure(ranked, ranked.weight[None, :])
    samples = [_measure(ranked, weights) for weights in _replicates(ranked, group, bootstrap, seed)]
    estimates = {}
    for name in METRICS:
        drawn = np.concatenate([sample[name] for sample in samples]) if samples else np.empty(0)
        estimates[name] = _estimate(float(value[name][0]), drawn, centred=name == "ece")
    return estimates


def _estimate(value: float, drawn: Floats, centred: bool) -> Estimate:
    """``centred`` takes out the bootstrap's bias: a sum of absolute errors only grows when noise is added."""
    known = drawn[np.isfinite(drawn)]
    if not len(known) or not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [0.025, 0.975])
    if centred:
        low, high = max(0.0, value - (known.mean() - low)), value + (high - known.mean())
    return Estimate(value, float(low), float(high))


@dataclass(frozen=True)
class _Ranked:
    """Rows from the highest probability to the lowest; ``starts`` is where each distinct probability begins."""

    order: NDArray[np.int64]
    y: Floats
    p: Floats
    weight: Floats
    starts: NDArray[np.int64]
    loss: Floats
    bin: NDArray[np.int64]


def _rank(y: Floats, p: Floats, weight: Floats) -> _Ranked:
    if not len(y):
        raise ValueError("no rows to evaluate")
    order = np.argsort(-p, kind="stable")
    y, p, weight = np.asarray(y, float)[order], np.asarray(p, float)[order], weight[order]
    starts = np.flatnonzero(np.concatenate([[True], p[1:] != p[:-1]]))
    return _Ranked(order, y, p, weight, starts, log_losses(y, p), mass_bins(p, weight))


def mass_bins(p: Floats, weight: Floats, count: int = BINS) -> NDArray[np.int64]:
    """The bin (n,) of each row, 0 for the lowest; bins hold about the same weight and equal p are in one bin."""
    distinct, place = np.unique(p, return_inverse=True)
    mass = np.bincount(place, weight, len(distinct))
    middle = np.cumsum(mass) - mass / 2
    bins: NDArray[np.int64] = np.minimum(middle * count / mass.sum(), count - 1).astype(np.int64)[place]
    return bins


def _replicates(ranked: _Ranked, group: Groups | None, count: int, seed: int) -> Iterator[Floats]:
    """Weights (replicates, n) of rows whose leads were drawn with replacement."""
    rows = len(ranked.y)
    lead = ranked.order if group is None else np.unique(group, return_inverse=True)[1][ranked.order]
    leads = int(lead.max()) + 1
    generator = np.random.default_rng(seed)
    chunk = max(1, _CELLS // rows)
    for start in range(0, count, chunk):
        size = min(chunk, count - start)
        drawn = generator.integers(leads, size=(size, leads))
        offset = np.arange(size)[:, None] * leads
        times = np.bincount((drawn + offset).ravel(), minlength=size * leads).reshape(size, leads)
        yield times[:, lead] * ranked.weight


def _measure(ranked: _Ranked, weights: Floats) -> dict[str, Floats]:
    """Each metric (replicates,) under weights (replicates, n)."""
    total = weights.sum(axis=1)
    won = np.add.reduceat(weights * ranked.y, ranked.starts, axis=1)
    everyone = np.add.reduceat(weights, ranked.starts, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "roc_auc": _roc_auc(won, everyone),
            "average_precision": _average_precision(won, everyone),
            "log_loss": weights @ ranked.loss / total,
            "brier": weights @ (ranked.y - ranked.p) ** 2 / total,
            "ece": _ece(ranked, weights),
            "lift_at_10": _lift(won, everyone, 0.1),
        }


def _roc_auc(won: Floats, everyone: Floats) -> Floats:
    lost = everyone - won
    lost_below = lost.sum(axis=1, keepdims=True) - np.cumsum(lost, axis=1)
    area = (won * (lost_below + lost / 2)).sum(axis=1)
    result: Floats = area / (won.sum(axis=1) * lost.sum(axis=1))
    return result


def _average_precision(won: Floats, everyone: Floats) -> Floats:
    reached = np.cumsum(everyone, axis=1)
    precision = np.cumsum(won, axis=1) / np.where(reached > 0, reached, 1.0)
    result: Floats = (precision * won).sum(axis=1) / won.sum(axis=1)
    return result


def _ece(ranked: _Ranked, weights: Floats) -> Floats:
    excess = weights * (ranked.y - ranked.p)
    # From the highest probability to the lowest the bin never rises, so a bin's rows stand together.
    starts = np.flatnonzero(np.concatenate([[True], ranked.bin[1:] != ranked.bin[:-1]]))
    result: Floats = np.abs(np.add.reduceat(excess, starts, axis=1)).sum(axis=1) / weights.sum(axis=1)
    return result


def _lift(won: Floats, everyone: Floats, share: float) -> Floats:
    """The tie group that straddles the limit counts in proportion: the mean over all orders of its rows."""
    reached = np.cumsum(everyone, axis=1)
    limit = share * reached[:, -1:]
    taken = np.clip((limit - (reached - everyone)) / np.where(everyone > 0, everyone, 1.0), 0.0, 1.0)
    top = (won * taken).sum(axis=1) / limit[:, 0]
    result: Floats = top / (won.sum(axis=1) / reached[:, -1])
    return result
