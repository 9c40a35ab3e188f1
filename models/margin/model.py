"""A learned model: margin, calibrator and interval, over the feature matrix of one feature view."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from features.arrays import Floats
from models.margin.margin import Margin


class Calibrator(Protocol):
    """A monotone map from margin (log-odds) to probability; defined for any finite margin."""

    kind: ClassVar[str]

    def predict(self, margin: Floats) -> Floats:
        """Probabilities (n,) of margins (n,)."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON values."""
        ...


class Interval(Protocol):
    """What the probabilities of most leads with a margin lie within."""

    def predict(self, margin: Floats, probability: Floats | None = None) -> tuple[Floats, Floats]:
        """Lower and upper probability, each (n,); ``probability`` (n,) is the calibrator's, where that is known."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON values."""
        ...


@dataclass(frozen=True)
class LeadModel:
    """Probability of a won deal. ``report`` says how it was learned (choices, parameters, warnings), as JSON values."""

    margin: Margin
    calibrator: Calibrator
    interval: Interval
    report: dict[str, Any] = field(default_factory=dict)

    def probability(self, X: Floats) -> Floats:
        """Calibrated probabilities (n,) of X (n, features)."""
        return self.calibrator.predict(self.margin.margin(X))
