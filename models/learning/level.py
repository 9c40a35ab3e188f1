"""The level of the newest leads: how much more often they win than the features explain, and where that is going.

A model learns the base rate of all its leads. Where time orders them, the outcomes of each block that it had not seen
say how far that block was from what its features explain. Kalman filters of several models (a level that returns to its
mean, one that wanders, one with a damped trend) carry this on to the leads to come, averaged by their evidence: a wave
dies down, a trend goes on for a while, noise moves nothing, and what stays vague moves little. West & Harrison,
"Bayesian Forecasting and Dynamic Models" (1997); Gardner & McKenzie, "Forecasting trends in time series" (1985) for
the damping.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from features.arrays import Floats
from models.log_odds import expit, sigmoid
from models.logistic.newton import fit_shift
from models.samples.folds import OutOfFold, Rows, time_blocks

MIN_LEADS = 1_000  # with fewer, a level is mostly noise
_BLOCKS = 4  # of each fold
_AHEAD = 5  # blocks that a forecast is averaged over: about as long as the next fold
_VAGUE = 0.8  # log-odds: the deviation of a forecast of which half is believed; of one twice as sure, nearly all
_LARGE = 0.3  # log-odds of a level that a person should know of
_STAYS = (0.7, 0.9, 1.0)  # what is left of the distance from the mean after a block; 1: a random walk
_MEAN_DEVIATION = 0.15  # of the mean that a level returns to, in log-odds
_VARIANCES = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # of a step from block to block
_USUAL, _WIDTH, _STILL = 0.02, 1.5, 2e-4  # log-normal prior of a step's variance, which counts as at least the last
_TREND = 0.25  # the prior probability of a trend
_DAMPED = 0.95  # what is left of a slope after a block
_SLOPE_DEVIATION = 0.1  # log-odds per block
_SLOPE_VARIANCES = (0.0, 0.0005)  # of a slope's step


@dataclass(frozen=True)
class Level:
    """Mean and standard deviation of what the leads to come differ by, in log-odds."""

    mean: float
    deviation: float


def level_warnings(level: Level) -> list[str]:
    """A sentence where the level moves every probability by much."""
    if abs(level.mean) < _LARGE:
        return []
    often = "more" if level.mean > 0 else "less"
    warning = (
        f"The newest leads win {often} often than their features explain: the odds of every lead are multiplied by "
        f"{np.exp(level.mean):.2f} ({level.mean:+.2f} on the log-odds, standard error {level.deviation:.2f})."
    )
    return [warning]


def without_level(margin: Floats, y: Floats, weight: Floats, fold: Rows) -> Floats:
    """Margins (n,) with a constant added to each fold that makes its mean probability the share that it won.

    What is compared on them is compared by what it says of the leads within a fold; the base rate, which no candidate
    can know, takes no part.
    """
    shifted = np.array(margin, dtype=np.float64)
    for number in np.unique(fold):
        rows = fold == number
        shifted[rows] += fit_shift(shifted[rows], y[rows], weight[rows])
    return shifted


def block_levels(margin: Floats, held: OutOfFold, time_rank: Rows, learned: Sequence[float]) -> tuple[Floats, Floats]:
    """The level of each block of held-out rows (n,), oldest first, and its variance, against that of the final fit.

    ``learned`` is the weight with which the final fit learns the rows before the first fold, and those of each fold.
    """
    levels: list[float] = []
    variances: list[float] = []
    average, mass = 0.0, learned[0]
    for number, new in zip(np.unique(held.fold), learned[1:], strict=True):
        rows = np.flatnonzero(held.fold == number)
        for block in time_blocks(time_rank[rows], held.lead[rows], _BLOCKS):
            if block.size:
                shift, variance = _shift(margin, held, rows[block])
                levels.append(average + shift)
                variances.append(variance)
        average += _moved(margin, held, rows, new / (mass + new))
        mass += new
    return np.array(levels) - average, np.array(variances)


def _shift(margin: Floats, held: OutOfFold, rows: Rows) -> tuple[float, float]:
    """What is missing in the margins of these rows, and its variance."""
    weight = held.weight[rows]
    shift = fit_shift(margin[rows], held.y[rows], weight)
    p = sigmoid(margin[rows] + shift)
    return shift, 1.0 / float(weight @ (p * (1 - p)))


def _moved(margin: Floats, held: OutOfFold, rows: Rows, share: float) -> float:
    """By how much the level of a fit moves once it learns these rows too, which then are a ``share`` of all it learned.

    It is rates that average, not log-odds.
    """
    weight = held.weight[rows]
    before, own = np.average(expit(margin[rows]), weights=weight), np.average(held.y[rows], weights=weight)
    return fit_shift(margin[rows], np.full(len(rows), (1 - share) * before + share * own), weight)


@dataclass(frozen=True)
class _Filters:
    """m linear models with two numbers as their state: how it moves, what is seen of it, and how likely they are.

    transition, noise and covariance (m, 2, 2); seen (m, 2), whose product with the state is the level; log_prior (m,).
    """

    transition: Floats
    noise: Floats
    covariance: Floats
    seen: Floats
    log_prior: Floats

    def forecast(self, level: Floats, variance: Floats) -> Level:
        """After levels (b,) of blocks with variances (b,): the mean of the next blocks."""
        mean, covariance, evidence = np.zeros((len(self.seen), 2)), self.covariance, self.log_prior
        for number in range(len(level)):
            if number:
                mean, covariance = self._step(mean, covariance)
            error, total = level[number] - self._level(mean), self._variance(covariance) + variance[number]
            evidence = evidence - 0.5 * (np.log(total) + error**2 / total)
            gain = np.einsum("mij,mj->mi", covariance, self.seen) / total[:, None]
            mean = mean + gain * error[:, None]
            covariance = covariance - total[:, None, None] * gain[:, :, None] * gain[:, None, :]
        return self._mixed(mean, covariance, np.exp(evidence - evidence.max()))

    def _mixed(self, mean: Floats, covariance: Floats, likely: Floats) -> Level:
        """The next blocks' level over all models, each as likely as its evidence says; drawn to 0 where it is vague."""
        means, variances = [], []
        for _ in range(_AHEAD):
            mean, covariance = self._step(mean, covariance)
            means.append(self._level(mean))
            variances.append(self._variance(covariance))
        each, within = np.mean(means, axis=0), np.mean(variances, axis=0)
        middle = float(np.average(each, weights=likely))
        variance = float(np.average(within + (each - middle) ** 2, weights=likely))
        return Level(middle / (1 + (variance / _VAGUE**2) ** 2), float(np.sqrt(variance)))

    def _step(self, mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
        moved = self.transition @ covariance @ self.transition.transpose(0, 2, 1) + self.noise
        return np.einsum("mij,mj->mi", self.transition, mean), moved

    def _level(self, mean: Floats) -> Floats:
        level: Floats = np.einsum("mi,mi->m", self.seen, mean)
        return level

    def _variance(self, covariance: Floats) -> Floats:
        variance: Floats = np.einsum("mi,mij,mj->m", self.seen, covariance, self.seen)
        return variance


def forecast(level: Floats, variance: Floats) -> Level:
    """What to expect of the next blocks after levels (b,) with variances (b,), oldest first.

    >>> forecast(np.full(16, 0.5), np.full(16, 1e-4)).mean.__round__(1)
    0.5
    """
    models = [_returning(stays, step) for stays, step in product(_STAYS, _VARIANCES)]
    models += [_trending(step, slope) for step, slope in product(_VARIANCES[::2], _SLOPE_VARIANCES)]
    return _Filters(*(np.array(part) for part in zip(*models, strict=True))).forecast(level, variance)


_Model = tuple[Floats, Floats, Floats, tuple[float, float], float]


def _returning(stays: float, step: float) -> _Model:
    """A mean, and a distance from it of which ``stays`` is left after a block; a walk has no mean but 0."""
    walks = stays == 1.0
    spread = 1.0 if walks else min(1.0, step / (1 - stays**2))
    start = np.diag([0.0 if walks else _MEAN_DEVIATION**2, spread])
    likely = np.log((1 - _TREND) / len(_STAYS)) + _log_prior(step, _VARIANCES)
    return np.diag([1.0, stays]), np.diag([0.0, step]), start, (1.0, 1.0), likely


def _trending(step: float, slope: float) -> _Model:
    """A level and its slope, which is damped."""
    transition = np.array([[1.0, _DAMPED], [0.0, _DAMPED]])
    likely = np.log(_TREND / len(_SLOPE_VARIANCES)) + _log_prior(step, _VARIANCES[::2])
    return transition, np.diag([step, slope]), np.diag([1.0, _SLOPE_DEVIATION**2]), (1.0, 0.0), likely


def _log_prior(step: float, grid: Sequence[float]) -> float:
    """How likely a variance of steps is among those of the grid."""
    bells = [-0.5 * (np.log(max(each, _STILL) / _USUAL) / _WIDTH) ** 2 for each in (step, *grid)]
    return float(bells[0] - np.logaddexp.reduce(bells[1:]))
