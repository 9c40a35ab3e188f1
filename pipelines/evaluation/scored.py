"""Test leads with what was predicted for them and what became of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats


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
