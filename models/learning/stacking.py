"""How much each candidate counts in the margin, learned from predictions of leads that they had not seen."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.log_odds import expit, log_losses, sigmoid
from models.samples.folds import OutOfFold
from models.samples.gain import Gain, measure_gain

# How strongly weights are pulled towards their mean, as a share of all leads (log loss summed over leads); more so in
# time order, because what differs between two candidates in one stretch of time often turns round in the next.
_EQUAL, _EQUAL_IN_TIME = 0.003, 0.1
# How strongly their sum is pulled towards 1, in leads: a sum below 1 draws the margin towards the base rate, which is
# cheap to be wrong about; one above says more than any candidate dared.
_LESS, _MORE = 30.0, 1000.0
_MIN_WEIGHT = 0.02  # a weight below this is not worth a component
_SKILL = 1.282  # standard errors: one-sided 90 %


@dataclass(frozen=True)
class Stack:
    """Weights (k,) of the candidates, and what they gain over the base rate out of fold; ``newest``: in the last fold.

    Without order in time the last fold is like the others, and ``newest`` is None.
    """

    weights: Floats
    gain: Gain
    newest: Gain | None = None

    @property
    def skill(self) -> bool:
        """Whether the gain is more than chance would give one time in ten, and not lost on the newest leads."""
        still = self.newest is None or self.newest.mean > 0
        return bool(self.gain.z > _SKILL and still and self.weights.any())

    def margin(self, margins: Floats, base: Floats | float) -> Floats:
        """``base + sum(weights[k] * (margins[k] - base))`` of margins (k, n)."""
        return base + self.weights @ (margins - base)


def stack(margins: Floats, held: OutOfFold, ordered: bool) -> Stack:
    """Non-negative weights of candidates' margins (k, n) with the least log loss, drawn towards equal weights.

    Their sum is drawn towards 1, but free: below 1 it draws the margin towards the base rate. One unit of log loss is
    taken off the gain for the sum (Akaike 1974). Follows Breiman, "Stacked Regressions" (1996), on the scale of
    log-odds.
    """
    weights = _weights(margins, held, _EQUAL_IN_TIME if ordered else _EQUAL)
    kept = np.where(weights >= _MIN_WEIGHT, weights, 0.0)
    if kept.any():
        kept *= weights.sum() / kept.sum()
    probability = expit(held.base + kept @ (margins - held.base))
    difference = log_losses(held.y, expit(held.base)) - log_losses(held.y, probability)
    gain = measure_gain(difference, held.weight, held.lead)
    last = held.fold == held.fold.max()
    newest = measure_gain(difference[last], held.weight[last], held.lead[last]) if ordered else None
    return Stack(kept, Gain(gain.mean - 1.0 / held.weight.sum(), gain.error), newest)


def _weights(margins: Floats, held: OutOfFold, equal: float) -> Floats:
    from scipy.optimize import minimize

    base, y, weight = held.base, held.y, held.weight
    excess = margins - base
    total = float(weight.sum())

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = base + weights @ excess
        apart, over = weights - weights.mean(), weights.sum() - 1.0
        whole = (_MORE if over > 0 else _LESS) / total
        fit = weight @ (np.logaddexp(0, margin) - y * margin)
        residual = weight * (sigmoid(margin) - y)
        value = fit / total + 0.5 * equal * apart @ apart + 0.5 * whole * over**2
        return float(value), excess @ residual / total + equal * apart + whole * over

    start = np.full(len(margins), 1.0 / len(margins))
    bounds = [(0.0, None)] * len(margins)
    optimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "maxiter": 500})
    return np.asarray(optimum.x, dtype=np.float64)
