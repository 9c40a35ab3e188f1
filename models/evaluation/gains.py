"""What contacting the best-scored leads first finds: gains, precision at the top and lift."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation.bootstrap import draw_counts, interval
from models.evaluation.intervals import Estimate
from models.evaluation.scored import Scored

REPLICATES = 200  # enough for a 95% band that is drawn or printed to two digits
_POINTS = 101
_TENTHS = 10


@dataclass(frozen=True)
class Gains:
    """The gains curve.

    ``contacted`` (k,) is the share of leads contacted, 0 to 1; ``found`` (k,) the share of all buyers among them, with
    the 95% band ``low`` to ``high`` (bootstrap over leads).
    """

    contacted: Floats
    found: Floats
    low: Floats
    high: Floats

    def at(self, share: float) -> Estimate:
        """The share of all buyers found when ``share`` of the leads is contacted."""
        return Estimate(*(float(np.interp(share, self.contacted, each)) for each in (self.found, self.low, self.high)))


@dataclass(frozen=True)
class Lift:
    """A tenth of the leads: the share of all buyers in it, its won rate, and its lift over leads in random order."""

    tenth: int
    contacted: float
    found: float
    found_so_far: float
    won_rate: float
    lift: float
    lift_so_far: float


def gains(scored: Scored, *, seed: int = 0) -> Gains:
    """The gains curve; within equal probabilities the leads come in random order (their expectation is exact).

    >>> scored = Scored.one_each(np.array([1.0, 1.0, 0.0, 0.0, 0.0]), np.array([0.9, 0.4, 0.5, 0.2, 0.1]))
    >>> gains(scored).at(0.4).value
    0.5
    """
    contacted = np.linspace(0.0, 1.0, _POINTS)
    low, high = interval(np.array([_found(drawn, contacted) for drawn in _replicates(scored, seed)]))
    return Gains(contacted, _found(scored, contacted), low, high)


def precision_at(scored: Scored, share: float, *, seed: int = 0) -> Estimate:
    """The share of buyers among the best-scored ``share`` of the leads, above 0; ties count in proportion."""
    low, high = interval(np.array([_precision(drawn, share) for drawn in _replicates(scored, seed)]))
    return Estimate(_precision(scored, share), float(low), float(high))


def lift(curve: Gains, won_rate: float) -> tuple[Lift, ...]:
    """The tenths of the leads from the best-scored down."""
    edges = np.linspace(0.0, 1.0, _TENTHS + 1)
    found = np.interp(edges, curve.contacted, curve.found)
    lifts, so_far = np.diff(found) / (1.0 / _TENTHS), found[1:] / edges[1:]
    columns = (edges[1:], np.diff(found), found[1:], lifts * won_rate, lifts, so_far)
    return tuple(Lift(tenth, *map(float, row)) for tenth, row in enumerate(zip(*columns, strict=True), start=1))


def _replicates(scored: Scored, seed: int) -> Iterator[Scored]:
    """Leads drawn with replacement; one that is drawn twice weighs 2."""
    for counts in draw_counts(scored.lead, REPLICATES, seed):
        for times in counts:
            drawn = times > 0
            weight = scored.weight[drawn] * times[drawn]
            yield Scored(scored.outcome[drawn], scored.probability[drawn], weight, scored.lead[drawn])


def _by_probability(scored: Scored) -> tuple[Floats, Floats]:
    """Weight of all leads and of won leads (k,) at each distinct probability, from the highest."""
    distinct, place = np.unique(-scored.probability, return_inverse=True)
    mass, count = scored.weight, len(distinct)
    everyone, won = (np.bincount(place, each, count).astype(np.float64) for each in (mass, mass * scored.outcome))
    return everyone, won


def _found(scored: Scored, contacted: Floats) -> Floats:
    everyone, won = (np.cumsum(each) for each in _by_probability(scored))
    share = won / won[-1] if won[-1] > 0 else np.zeros(len(won))
    found: Floats = np.interp(contacted, np.append(0.0, everyone / everyone[-1]), np.append(0.0, share))
    return found


def _precision(scored: Scored, share: float) -> float:
    everyone, won = _by_probability(scored)
    limit = share * float(scored.weight.sum())
    taken = np.clip((limit - (np.cumsum(everyone) - everyone)) / everyone, 0.0, 1.0)
    return float((won * taken).sum() / limit)
