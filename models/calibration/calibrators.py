"""Calibrators: monotone maps from margin to probability, as they are stored and used."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, TypeAlias, get_type_hints

import numpy as np

from data_contracts.errors import ArtifactError
from data_contracts.strict_json import from_json
from features.arrays import Floats
from models.log_odds import LARGEST_LOG_ODDS, MAX_MARGIN, bounded, expit, logit, within

_MAX_DECIMALS, _MAX_NAME = 16, 40
_ROUNDING = 1e-9  # sums of weights differ in their last digits
_NORMAL_90 = 1.2816  # the standard normal's quantile at 90%: a fifth of it lies beyond, on one side or the other


@dataclass(frozen=True)
class _Stored:
    """A dataclass that is stored under the names of its fields, after its kind if it has one.

    Its fields are numbers, arrays, steps and calibrators.
    """

    kind: ClassVar[str] = ""

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON values."""
        return ({"kind": self.kind} if self.kind else {}) | {name: _to_json(each) for name, each in vars(self).items()}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The inverse of ``to_dict``.

        Raises ValueError where the state is none that was fitted.
        """
        if set(state) - {"kind"} != {field.name for field in fields(cls)}:
            raise ValueError(f"a {cls.__name__} has other keys")
        kinds = get_type_hints(cls)
        found = cls(**{field.name: _from_json(kinds[field.name], state[field.name]) for field in fields(cls)})
        if not found.is_sound():
            raise ValueError(f"no {cls.__name__} is like that")
        return found

    def is_sound(self) -> bool:
        """Whether it is a monotone map to probabilities."""
        return True


def _to_json(value: object) -> object:
    if isinstance(value, _Stored):
        return value.to_dict()
    return value.tolist() if isinstance(value, np.ndarray) else value


def _from_json(kind: object, value: Any) -> Any:  # noqa: ANN401 - what a field of the kind holds
    if kind is int:
        return from_json(int, value)
    if kind is float:
        return float(_bounded([value])[0])
    if kind == Floats:
        return _bounded(value)
    if not isinstance(value, dict):
        raise ValueError("expected keys with values")
    return VennAbersSteps.from_dict(value) if kind is VennAbersSteps else calibrator_from_dict(value)


def _bounded(value: object) -> Floats:
    numbers = np.array(from_json(tuple[float, ...], value), dtype=np.float64)
    if np.any(np.abs(numbers) > LARGEST_LOG_ODDS):
        raise ValueError(f"a number is larger than {LARGEST_LOG_ODDS:g}")
    return numbers


def _rises(values: Floats) -> bool:
    return bool((np.diff(values) >= 0).all())


def _are_probabilities(values: Floats) -> bool:
    return bool(((values >= -_ROUNDING) & (values <= 1 + _ROUNDING)).all())


@dataclass(frozen=True)
class Identity(_Stored):
    """The margin is already the log-odds."""

    kind: ClassVar[str] = "identity"

    def predict(self, margin: Floats) -> Floats:
        """Probabilities (n,) of margins (n,)."""
        return expit(margin)


@dataclass(frozen=True)
class Sigmoid(_Stored):
    """``slope * margin + intercept`` as log-odds, slope >= 0 (Platt 1999).

    >>> Sigmoid(slope=0.5, intercept=0.0).predict(np.array([-2.0, 0.0, 2.0])).round(3).tolist()
    [0.269, 0.5, 0.731]
    """

    kind: ClassVar[str] = "sigmoid"

    slope: float
    intercept: float

    def is_sound(self) -> bool:
        """Whether it rises."""
        return self.slope >= 0

    def predict(self, margin: Floats) -> Floats:
        """Probabilities (n,) of margins (n,)."""
        return expit(self.slope * margin + self.intercept)

    def averaged(self, deviation: float) -> "Sigmoid":
        """The line of the mean probability where all log-odds may be off by as much together, in either direction.

        >>> Sigmoid(slope=1.0, intercept=-2.0).averaged(1.0).predict(np.array([0.0])).round(2).tolist()
        [0.16]
        """
        kept = shrinkage(deviation)
        return Sigmoid(kept * self.slope, kept * self.intercept)


@dataclass(frozen=True)
class Beta(_Stored):
    """``a * ln p - b * ln(1 - p) + c`` as log-odds, p = expit(margin), a and b >= 0 (Kull et al. 2017)."""

    kind: ClassVar[str] = "beta"

    a: float
    b: float
    c: float

    def is_sound(self) -> bool:
        """Whether it rises."""
        return self.a >= 0 and self.b >= 0

    def predict(self, margin: Floats) -> Floats:
        """Probabilities (n,) of margins (n,)."""
        won, lost = beta_terms(margin)
        return expit(self.a * won + self.b * lost + self.c)


def beta_terms(margin: Floats) -> tuple[Floats, Floats]:
    """``ln p`` and ``-ln(1 - p)`` (n,), both rising with the margin (n,)."""
    cut = within(margin, -MAX_MARGIN, MAX_MARGIN)
    return -np.log1p(np.exp(-cut)), np.log1p(np.exp(cut))


@dataclass(frozen=True)
class Isotonic(_Stored):
    """Straight lines between the centres of isotonic blocks, flat beyond them (centred isotonic regression).

    Oron & Flournoy 2017: unlike steps, lines keep the order of leads within a block.
    """

    kind: ClassVar[str] = "isotonic"

    margins: Floats  # (k,), rising
    probabilities: Floats  # (k,), rising

    def is_sound(self) -> bool:
        """Whether it is a rising line."""
        same = self.margins.size == self.probabilities.size > 0
        return same and _rises(self.margins) and _rises(self.probabilities) and _are_probabilities(self.probabilities)

    def predict(self, margin: Floats) -> Floats:
        """Probabilities (n,) of margins (n,)."""
        return bounded(np.interp(margin, self.margins, self.probabilities))


@dataclass(frozen=True)
class VennAbersSteps(_Stored):
    """Both Venn-Abers predictions of a margin rounded to ``decimals``, as step functions over k scores.

    ``low`` and ``high`` (2k + 1,) hold a value below the first score, at it, between it and the second, and so on.
    """

    scores: Floats  # (k,), rising
    low: Floats
    high: Floats
    decimals: int

    def is_sound(self) -> bool:
        """Whether there is a step for every place that a margin can take."""
        places = 2 * self.scores.size + 1
        of_size = self.low.size == self.high.size == places and 0 <= self.decimals < _MAX_DECIMALS
        return of_size and _rises(self.scores) and all(_are_probabilities(each) for each in (self.low, self.high))

    def predict(self, margin: Floats) -> tuple[Floats, Floats]:
        """Probability if lost and probability if won, each (n,); the first is never above the second."""
        score = np.round(margin, self.decimals)
        place = np.searchsorted(self.scores, score, "left") + np.searchsorted(self.scores, score, "right")
        return self.low[place], self.high[place]


@dataclass(frozen=True)
class VennAbers(_Stored):
    """Both Venn-Abers predictions merged into one for the log loss: ``p1 / (1 - p0 + p1)`` (Vovk et al. 2015)."""

    kind: ClassVar[str] = "venn_abers"

    steps: VennAbersSteps

    def predict(self, margin: Floats) -> Floats:
        """Probabilities (n,) of margins (n,)."""
        lost, won = self.steps.predict(margin)
        return bounded(won / (1.0 - lost + won))


Calibrator: TypeAlias = Identity | Sigmoid | Beta | Isotonic | VennAbers
KINDS: dict[str, type[Calibrator]] = {kind.kind: kind for kind in (Identity, Sigmoid, Beta, Isotonic, VennAbers)}


@dataclass(frozen=True)
class ProbabilityInterval(_Stored):
    """What the probabilities of four leads out of five lie within.

    The log-odds of leads with one margin are normal with the standard ``deviation``, and their mean probability is the
    calibrator's. The interval holds that probability and the Venn-Abers interval of the margin as well.

    >>> steps = VennAbersSteps(np.array([0.0]), np.full(3, 0.45), np.full(3, 0.55), decimals=2)
    >>> interval = ProbabilityInterval(steps, Identity(), deviation=0.8)
    >>> [end.round(2).tolist() for end in interval.predict(np.array([0.0]))]
    [[0.26], [0.74]]
    """

    kind: ClassVar[str] = "four_of_five"

    steps: VennAbersSteps
    calibrator: Calibrator
    deviation: float

    def is_sound(self) -> bool:
        """Whether the deviation is one."""
        return self.deviation >= 0

    def predict(self, margin: Floats, probability: Floats | None = None) -> tuple[Floats, Floats]:
        """Lower and upper probability, each (n,); ``probability`` (n,) is the calibrator's, where that is known."""
        low, high = self.steps.predict(margin)
        if probability is None:
            probability = self.calibrator.predict(margin)
        median = logit(probability) / shrinkage(self.deviation)
        reach = _NORMAL_90 * self.deviation
        least, most = expit(median - reach), expit(median + reach)
        return np.minimum(np.minimum(low, least), probability), np.maximum(np.maximum(high, most), probability)


def shrinkage(deviation: float) -> float:
    """What the median of normal log-odds is multiplied by to give those of their mean probability.

    An approximation of MacKay, "The evidence framework applied to classification networks" (1992).
    """
    return float(1.0 / np.sqrt(1.0 + np.pi / 8.0 * deviation**2))


def calibrator_from_dict(state: Mapping[str, Any]) -> Calibrator:
    """The inverse of a calibrator's ``to_dict``.

    Raises ArtifactError for a kind that this version does not know.
    """
    named = str(state.get("kind"))[:_MAX_NAME]
    kind = KINDS.get(named)
    if kind is None:
        raise ArtifactError(f"Calibrator of kind {named!r}, expected one of {sorted(KINDS)}.")
    return kind.from_dict(state)
