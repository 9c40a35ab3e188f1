"""Recalibration between retrainings: a line on the log-odds that follows fresh outcomes.

The line's intercept and slope have a normal posterior that starts at the identity. Each batch of outcomes moves it by a
step of Laplace's method, and before it the posterior widens by a random walk, so that old outcomes are forgotten as
fast as the base rate moves: the filter of a dynamic logistic model (West, Harrison & Migon 1985; Fahrmeir 1992).

A line keeps the order of leads and keeps explanations exact: contributions are multiplied by the slope, the base moves.
The probability is that of the posterior's mode. Moderating it by the posterior's width (MacKay 1992) would bend the
line, and gains less than a thousandth in log loss even with 30 leads to a batch (a test holds that).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from features.arrays import Floats
from models.calibration.laplace import Batch, Line, posterior
from models.log_odds import MAX_MARGIN, expit, logit, within
from models.margin.margin import Margin

_INTERCEPT_DEVIATION = 0.5  # log-odds; by how much a model that was just trained may be off
_SLOPE_DEVIATION = 0.35  # of the slope's logarithm
_INTERCEPT_DRIFTS = (0.01, 0.02, 0.04, 0.08, 0.15, 0.22, 0.3, 0.45, 0.65, 0.95, 1.4)
_SLOPE_DRIFTS = (0.01, 0.03, 0.06, 0.12, 0.25)
_PRIOR_WIDTH = 1.0  # standard deviation of a drift's logarithm


@dataclass(frozen=True)
class Drift:
    """How far the line wanders from one batch to the next: standard deviations of a random walk.

    ``intercept`` is in log-odds, ``slope`` in the slope's logarithm. Raises ValueError below 0.
    """

    intercept: float = 0.15
    slope: float = 0.03

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) and value >= 0 for value in (self.intercept, self.slope)):
            raise ValueError(f"drift of {self.intercept} and {self.slope}, expected finite numbers of at least 0")


STILL, USUAL = Drift(0.0, 0.0), Drift()


@dataclass(frozen=True)
class Recalibration:
    """``margin -> centre + intercept + exp(log_slope) * (margin - centre)``, and how sure that is.

    ``covariance`` holds the variance of the intercept, its covariance with the logarithm of the slope, and that one's
    variance. ``centre`` is the log-odds of a usual lead, where intercept and slope say separate things. ``seen`` is the
    weight of the outcomes so far; ``evidence`` the logarithm of the probability that was given to them before they
    were seen.
    """

    intercept: float
    log_slope: float
    covariance: tuple[float, float, float]
    centre: float = 0.0
    drift: Drift = USUAL
    seen: float = 0.0
    evidence: float = 0.0

    @classmethod
    def fresh(cls, centre: float = 0.0, *, drift: Drift = USUAL) -> "Recalibration":
        """The identity, as uncertain as a model that was just trained; raises ValueError for an infinite centre."""
        if not np.isfinite(centre):
            raise ValueError(f"centre {centre}, expected a finite margin")
        return cls(0.0, 0.0, (_INTERCEPT_DEVIATION**2, 0.0, _SLOPE_DEVIATION**2), float(centre), drift)

    @property
    def slope(self) -> float:
        """By how much contributions are multiplied; above 0, so that the order of leads stays."""
        return float(np.exp(self.log_slope))

    @property
    def shift(self) -> float:
        """What a margin of 0 becomes: the line is ``shift + slope * margin``."""
        return self.intercept + (1 - self.slope) * self.centre

    def apply(self, margin: Floats) -> Floats:
        """Recalibrated log-odds (n,) of log-odds (n,)."""
        return self.shift + self.slope * margin

    def predict(self, margin: Floats) -> Floats:
        """Recalibrated probabilities (n,) of log-odds (n,)."""
        return expit(self.apply(margin))

    def revise(self, probability: Floats) -> Floats:
        """Recalibrated probabilities (n,) of probabilities (n,) in (0, 1): a calibrator's, or the ends of intervals."""
        return self.predict(logit(probability))

    def move(self, contributions: Floats) -> Floats:
        """Contributions (n, features + 1), base last, that add up to the recalibrated margin."""
        moved: Floats = self.slope * contributions
        moved[:, -1] += self.shift
        return moved

    def on(self, margin: Margin) -> Margin:
        """The same components, with weights and intercept that make them the recalibrated margin."""
        weights = [self.slope * weight for weight in margin.weights]
        return replace(margin, weights=weights, intercept=self.shift + self.slope * margin.intercept)

    def update(
        self, margin: ArrayLike, outcome: ArrayLike, weight: ArrayLike | None = None, *, elapsed: float = 1.0
    ) -> "Recalibration":
        """What is known after a batch of outcomes (n,) of leads whose log-odds (n,) were ``margin``, as first scored.

        The outcomes must be those of all leads of a stretch of time: where only leads that closed fast are known, the
        base rate becomes theirs. ``elapsed`` is the time since the last batch, in usual batches. Raises ValueError
        where lengths differ, a margin is not finite, an outcome is not 0 or 1, a weight or ``elapsed`` is negative.
        """
        if not (np.isfinite(elapsed) and elapsed >= 0):
            raise ValueError(f"elapsed {elapsed}, expected a finite number of at least 0")
        batch = _batch(margin, outcome, weight, self.centre)
        first, both, last = self.covariance
        wider = [[first + elapsed * self.drift.intercept**2, both], [both, last + elapsed * self.drift.slope**2]]
        line = Line(np.array([self.intercept, self.log_slope]), np.array(wider))
        if len(batch.y):
            line = posterior(line, batch)
        (first, both), (_, last) = line.covariance.tolist()
        intercept, log_slope = line.mean.tolist()
        seen, evidence = self.seen + float(batch.weight.sum()), self.evidence + line.evidence
        return Recalibration(intercept, log_slope, (first, both, last), self.centre, self.drift, seen, evidence)

    def to_dict(self) -> dict[str, Any]:
        """The state as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> "Recalibration":
        """The inverse of ``to_dict``; raises KeyError, TypeError or ValueError for anything else."""
        first, both, last = (float(value) for value in state["covariance"])
        drift = Drift(float(state["drift"]["intercept"]), float(state["drift"]["slope"]))
        numbers = {name: float(state[name]) for name in _NUMBERS}
        if not np.isfinite([*numbers.values(), first, both, last]).all() or first <= 0 or first * last <= both**2:
            raise ValueError(f"recalibration {dict(state)}, expected finite numbers and a positive definite covariance")
        return cls(covariance=(first, both, last), drift=drift, **numbers)


_NUMBERS = ("intercept", "log_slope", "centre", "seen", "evidence")


def fit_drift(margin: ArrayLike, outcome: ArrayLike, block: ArrayLike, *, centre: float = 0.0) -> Drift:
    """How far past blocks wandered, by empirical Bayes: the drift under which their outcomes were least surprising.

    ``margin`` (n,) are the log-odds of leads that the model had not seen, ``block`` (n,) numbers their batches in order
    of time. The evidence of each drift on a grid is weighed with a log-normal prior around the usual one, which two or
    three small blocks hardly move. Raises ValueError as ``Recalibration.update`` does.
    """
    batch, numbers = _batch(margin, outcome, None, 0.0), np.asarray(block)
    if numbers.shape != batch.y.shape:
        raise ValueError(f"{batch.y.size} outcomes and blocks of shape {numbers.shape}, expected one length")
    rows = [np.flatnonzero(numbers == each) for each in np.unique(numbers)]

    def surprise(drift: Drift) -> float:
        line = Recalibration.fresh(centre, drift=drift)
        for chosen in rows:
            line = line.update(batch.z[chosen], batch.y[chosen])
        apart = np.log([drift.intercept / USUAL.intercept, drift.slope / USUAL.slope]) / _PRIOR_WIDTH
        return float(0.5 * apart @ apart) - line.evidence

    return min((Drift(intercept, slope) for slope in _SLOPE_DRIFTS for intercept in _INTERCEPT_DRIFTS), key=surprise)


def _batch(margin: ArrayLike, outcome: ArrayLike, weight: ArrayLike | None, centre: float) -> Batch:
    """The batch, cut to margins that say something; ``centre`` is taken off them and is the offset."""
    m, y = np.asarray(margin, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    w = np.ones(m.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if m.ndim != 1 or not m.shape == y.shape == w.shape:
        raise ValueError(f"margins {m.shape}, outcomes {y.shape} and weights {w.shape}, expected one length")
    for name, values, fine, expected in (
        ("margin", m, np.isfinite(m), "a finite number"),
        ("outcome", y, (y == 0) | (y == 1), "0 or 1"),
        ("weight", w, np.isfinite(w) & (w >= 0), "a finite number of at least 0"),
    ):
        if not fine.all():
            row = int(np.argmin(fine))
            raise ValueError(f"{name} {values[row]} in row {row}, expected {expected}")
    return Batch(within(m, -MAX_MARGIN, MAX_MARGIN) - centre, y, w, centre)
