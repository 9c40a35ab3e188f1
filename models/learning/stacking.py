"""How much each candidate counts in the margin, learned from predictions of leads that they had not seen."""

from dataclasses import dataclass, field

import numpy as np

from features.arrays import Floats
from models.learning.level import without_level
from models.log_odds import expit, log_losses, sigmoid
from models.samples.folds import OutOfFold, Rows
from models.samples.gain import Gain, measure_gain

# How strongly weights are pulled towards their mean, on the scale of the mean log loss: more so in time order, because
# what differs between two candidates in one stretch of time often turns round in the next.
_EQUAL, _EQUAL_IN_TIME = 0.001, 0.01
_USUAL = 100.0  # leads, whose outcomes count as much as what is usual
# How strongly their sum is pulled towards 1, in leads: a sum below 1 draws the margin towards the base rate, which is
# cheap to be wrong about; one above says more than any candidate dared.
_LESS, _MORE = 10.0, 1000.0
_MIN_WEIGHT = 0.02  # a weight below this is not worth a component
_SPOILS = 1e-6  # of log loss, which a candidate must cost in every fold to be left out
_SKILL = 1.282  # standard errors: one-sided 90 %
_FULL_SKILL = 1_000  # leads from which all of them are asked for; wrongly giving up costs few leads more
_LOOSE = 1e-6  # penalty of a fold's intercept: none to speak of, it only gives every problem a single solution


@dataclass(frozen=True)
class Stack:
    """Weights (k,) of the candidates, and what they gain over the base rate out of fold; ``newest``: in the last fold.

    Without order in time the last fold is like the others, and ``newest`` is None. ``needed`` is the gain in standard
    errors from which it counts as skill.
    """

    weights: Floats
    gain: Gain
    newest: Gain | None = None
    needed: float = _SKILL

    @property
    def skill(self) -> bool:
        """Whether the gain is more than chance would often give, and not lost on the newest leads."""
        still = self.newest is None or self.newest.mean > 0
        return bool(self.gain.z > self.needed and still and self.weights.any())

    def margin(self, margins: Floats, base: Floats | float) -> Floats:
        """``base + sum(weights[k] * (margins[k] - base))`` of margins (k, n)."""
        return base + self.weights @ (margins - base)


def stack(margins: Floats, held: OutOfFold, ordered: bool, usual: Floats | None = None) -> Stack:
    """Non-negative weights of candidates' margins (k, n) with the least log loss, drawn towards equal weights.

    With few leads they are drawn towards shares like those in ``usual`` (k,), which are equal unless they are given.

    Their sum is drawn towards 1, but free: below 1 it draws the margin towards the base rate. In time order each fold
    has an intercept of its own, so that a base rate that moves is not taken for something that the candidates say. A
    candidate without which every fold would be told better weighs nothing. One unit of log loss is taken off the gain
    for the sum (Akaike 1974). Follows Breiman, "Stacked Regressions" (1996), on the scale of log-odds.
    """
    usual = np.ones(len(margins)) if usual is None else usual
    weights = _Weighing(margins - held.base, held, ordered, usual).weights()
    kept = np.where(weights >= _MIN_WEIGHT, weights, 0.0)
    if kept.any():
        kept *= weights.sum() / kept.sum()
    probability = _probability(held.base + kept @ (margins - held.base), held, ordered)
    difference = log_losses(held.y, _probability(held.base, held, ordered)) - log_losses(held.y, probability)
    gain = measure_gain(difference, held.weight, held.lead)
    last = held.fold == held.fold.max()
    newest = measure_gain(difference[last], held.weight[last], held.lead[last]) if ordered else None
    needed = _SKILL if ordered else _SKILL * min(1.0, len(np.unique(held.lead)) / _FULL_SKILL)
    return Stack(kept, Gain(gain.mean - 1.0 / float(held.weight.sum()), gain.error), newest, needed)


def losses_without(weights: Floats, margins: Floats, held: OutOfFold, ordered: bool) -> Floats:
    """How much the log loss rises (k,) without each of the candidates, whose weight goes to the others."""
    without = weights * (1.0 - np.eye(len(weights)))
    left = np.maximum(without.sum(axis=1, keepdims=True), _MIN_WEIGHT)
    each = [weights, *np.where(without.any(axis=1, keepdims=True), without * weights.sum() / left, 0.0)]
    excess = margins - held.base
    losses = [log_losses(held.y, _probability(held.base + some @ excess, held, ordered)) for some in each]
    mean = np.average(losses, axis=1, weights=held.weight)
    missed: Floats = mean[1:] - mean[0]
    return missed


def _probability(margin: Floats, held: OutOfFold, ordered: bool) -> Floats:
    return expit(without_level(margin, held.y, held.weight, held.fold) if ordered else margin)


@dataclass
class _Weighing:
    """The search for weights of what k candidates say beyond the base rate, ``excess`` (k, n)."""

    excess: Floats
    held: OutOfFold
    ordered: bool
    usual: Floats
    _fold: Rows = field(init=False)

    def __post_init__(self) -> None:
        self._fold = np.unique(self.held.fold, return_inverse=True)[1]

    def weights(self) -> Floats:
        """Weights (k,), after those that spoil every fold were left out one at a time."""
        kept = np.arange(len(self.excess))
        solution = self._fit(kept, np.full(len(kept), 1.0 / len(kept)))
        while (spoils := self._spoils(kept, solution)) is not None:
            kept, solution = spoils
        weights = np.zeros(len(self.excess))
        weights[kept] = solution[: len(kept)]
        return weights

    def _spoils(self, kept: Rows, solution: Floats) -> tuple[Rows, Floats] | None:
        """What is left without the candidate that costs most, and its solution; None where each is worth it somewhere.

        Only one that weighs less than the mean can be: the outcomes ask for more of the others than they get.
        """
        losses, weights = self._losses(kept, solution), solution[: len(kept)]
        best: tuple[float, Rows, Floats] | None = None
        for place in np.flatnonzero((weights < weights.mean()) & (weights > 0)):
            others = np.delete(kept, place)
            found = self._fit(others, np.delete(solution, place))
            gained = losses - self._losses(others, found)
            if (gained > _SPOILS).all() and (best is None or gained.mean() > best[0]):
                best = float(gained.mean()), others, found
        return best[1:] if best else None

    def _losses(self, kept: Rows, solution: Floats) -> Floats:
        """The mean log loss in each fold."""
        losses = log_losses(self.held.y, expit(self._margin(self.excess[kept], solution)))
        return np.bincount(self._fold, self.held.weight * losses) / np.bincount(self._fold, self.held.weight)

    def _margin(self, excess: Floats, solution: Floats) -> Floats:
        margin = self.held.base + solution[: len(excess)] @ excess
        return margin + solution[len(excess) :][self._fold] if self.ordered else margin

    def _fit(self, kept: Rows, start: Floats) -> Floats:
        """The weights of these candidates and, in time order, the intercept of each fold."""
        from scipy.optimize import minimize

        excess, y, weight, count = self.excess[kept], self.held.y, self.held.weight, len(kept)
        total, folds = float(weight.sum()), int(self._fold.max()) + 1 if self.ordered else 0
        alike, few = _EQUAL_IN_TIME if self.ordered else _EQUAL, _USUAL / total
        equal, usual = np.full(count, 1.0 / count), self.usual[kept] / self.usual[kept].sum()

        def loss(solution: Floats) -> tuple[float, Floats]:
            weights, intercepts = solution[:count], solution[count:]
            margin = self._margin(excess, solution)
            unequal, unusual = weights - equal * weights.sum(), weights - usual * weights.sum()
            apart = alike * unequal @ unequal + few * unusual @ unusual
            pull = alike * unequal + few * (unusual - usual @ unusual)
            over = weights.sum() - 1.0
            whole = (_MORE if over > 0 else _LESS) / total
            fit = weight @ (np.logaddexp(0, margin) - y * margin) / total
            residual = weight * (sigmoid(margin) - y) / total
            value = fit + 0.5 * (apart + whole * over**2 + _LOOSE * intercepts @ intercepts)
            slope = excess @ residual + pull + whole * over
            return float(value), np.append(slope, np.bincount(self._fold, residual)[:folds] + _LOOSE * intercepts)

        start = np.append(start, np.zeros(count + folds - len(start)))
        bounds = [(0.0, None)] * count + [(None, None)] * folds
        options = {"ftol": 1e-12, "maxiter": 500}
        optimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return np.asarray(optimum.x, dtype=np.float64)
