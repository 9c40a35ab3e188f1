"""Test leads with what was predicted for them and what became of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.records import Floats
from models.metrics import Estimate

WILSON_Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Scored:
    """n snapshots: outcome (0 or 1), probability, weight (those of one lead add up to 1) and lead (codes from 0)."""

    outcome: Floats
    probability: Floats
    weight: Floats
    lead: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def leads(self) -> int:
        """How many leads they are of."""
        return len(np.unique(self.lead))

    @property
    def won_rate(self) -> float:
        """The share of won leads, 0 to 1."""
        return float(np.average(self.outcome, weights=self.weight))

    def where(self, mask: NDArray[np.bool_]) -> "Scored":
        """Those snapshots only, with the leads numbered anew."""
        lead = np.unique(self.lead[mask], return_inverse=True)[1].astype(np.int64)
        return Scored(self.outcome[mask], self.probability[mask], self.weight[mask], lead)

    def predicted(self, probability: Floats) -> "Scored":
        """The same leads with other probabilities."""
        return Scored(self.outcome, probability, self.weight, self.lead)


def wilson(share: float, count: float) -> Estimate:
    """A share of ``count`` leads with its 95 % interval (Wilson, JASA 22, 1927)."""
    if count <= 0:
        return Estimate(share, float("nan"), float("nan"))
    square = WILSON_Z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = WILSON_Z / (1 + square) * float(np.sqrt(share * (1 - share) / count + square / (4 * count)))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def estimate_json(estimate: Estimate) -> dict[str, float | None]:
    """``{"value", "low", "high"}``; None where the number does not exist."""
    values = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: float(value) if np.isfinite(value) else None for name, value in values.items()}
