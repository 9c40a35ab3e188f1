"""How good probabilities are on leads that the model has not seen, with bootstrap intervals over leads."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats, Integers
from features.ranking import area
from models.evaluation.bootstrap import draw_counts, interval
from models.evaluation.intervals import Estimate
from models.evaluation.scored import Scored
from models.log_odds import log_losses

METRICS = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_at_10")
BINS = 15


def evaluate(scored: Scored, *, bootstrap: int = 1000, seed: int = 0) -> dict[str, Estimate]:
    """METRICS of the probabilities; replicates draw leads, with all their snapshots.

    ``ece`` is over 15 bins of equal mass, ``lift_at_10`` the win rate of the top tenth over that of all leads.
    Snapshots of one probability are never told apart. Raises ValueError where there are none.

    >>> scored = Scored.one_each(np.array([1.0, 0.0, 1.0, 0.0, 0.0]), np.array([0.9, 0.4, 0.3, 0.2, 0.1]))
    >>> {name: round(metric.value, 3) for name, metric in evaluate(scored).items() if name in ("roc_auc", "log_loss")}
    {'roc_auc': 0.833, 'log_loss': 0.43}
    """
    ranked = _rank(scored)
    lead, weight = ranked.scored.lead, ranked.scored.weight
    value = _measure(ranked, weight[None, :])
    samples = [_measure(ranked, counts * weight) for counts in draw_counts(lead, bootstrap, seed)]
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
    low, high = interval(known)
    if centred:
        low, high = max(0.0, value - (known.mean() - low)), value + (high - known.mean())
    return Estimate(value, float(low), float(high))


@dataclass(frozen=True)
class _Ranked:
    """Snapshots from the highest probability to the lowest; ``starts`` is where each distinct probability begins."""

    scored: Scored
    starts: Integers
    loss: Floats
    bin: Integers


def _rank(scored: Scored) -> _Ranked:
    if not len(scored):
        raise ValueError("no snapshots to evaluate")
    ranked = scored.where(np.argsort(-scored.probability, kind="stable"))
    loss, number = log_losses(ranked.outcome, ranked.probability), mass_bins(ranked.probability, ranked.weight)
    return _Ranked(ranked, _starts(ranked.probability), loss, number)


def _starts(values: Floats | Integers) -> Integers:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))


def mass_bins(p: Floats, weight: Floats, count: int = BINS) -> Integers:
    """The bin (n,) of each row, 0 for the lowest; bins hold about the same weight and equal p are in one bin."""
    distinct, place = np.unique(p, return_inverse=True)
    mass = np.bincount(place, weight, len(distinct))
    middle = np.cumsum(mass) - mass / 2
    bins: Integers = np.minimum(middle * count / mass.sum(), count - 1).astype(np.int64)[place]
    return bins


def _measure(ranked: _Ranked, weights: Floats) -> dict[str, Floats]:
    """Each metric (replicates,) under weights (replicates, n)."""
    total = weights.sum(axis=1)
    won = np.add.reduceat(weights * ranked.scored.outcome, ranked.starts, axis=1)
    everyone = np.add.reduceat(weights, ranked.starts, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "roc_auc": area(won, everyone - won),
            "average_precision": _average_precision(won, everyone),
            "log_loss": weights @ ranked.loss / total,
            "brier": weights @ (ranked.scored.outcome - ranked.scored.probability) ** 2 / total,
            "ece": _ece(ranked, weights),
            "lift_at_10": _lift(won, everyone, 0.1),
        }


def _average_precision(won: Floats, everyone: Floats) -> Floats:
    reached = np.cumsum(everyone, axis=1)
    precision = np.cumsum(won, axis=1) / np.where(reached > 0, reached, 1.0)
    result: Floats = (precision * won).sum(axis=1) / won.sum(axis=1)
    return result


def _ece(ranked: _Ranked, weights: Floats) -> Floats:
    excess = weights * (ranked.scored.outcome - ranked.scored.probability)
    # From the highest probability to the lowest the bin never rises, so a bin's rows stand together.
    result: Floats = np.abs(np.add.reduceat(excess, _starts(ranked.bin), axis=1)).sum(axis=1) / weights.sum(axis=1)
    return result


def _lift(won: Floats, everyone: Floats, share: float) -> Floats:
    """The tie group that straddles the limit counts in proportion: the mean over all orders of its rows."""
    reached = np.cumsum(everyone, axis=1)
    limit = share * reached[:, -1:]
    taken = np.clip((limit - (reached - everyone)) / np.where(everyone > 0, everyone, 1.0), 0.0, 1.0)
    top = (won * taken).sum(axis=1) / limit[:, 0]
    result: Floats = top / (won.sum(axis=1) / reached[:, -1])
    return result
