"""Leads with what was predicted for them and what became of them."""

from dataclasses import dataclass, replace

import numpy as np

from features.arrays import Flags, Floats, Integers


@dataclass(frozen=True)
class Scored:
    """n snapshots: outcome (0 or 1), probability, weight (those of one lead add up to 1) and lead (codes from 0)."""

    outcome: Floats
    probability: Floats
    weight: Floats
    lead: Integers

    @classmethod
    def one_each(cls, outcome: Floats, probability: Floats) -> "Scored":
        """Outcomes (n,) and probabilities (n,) of one snapshot per lead."""
        return cls(outcome, probability, np.ones(len(outcome)), np.arange(len(outcome)))

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def leads(self) -> int:
        """How many leads they are of."""
        return len(np.unique(self.lead))

    @property
    def won(self) -> float:
        """How many leads were won: a sum of weights, which need not be a whole number."""
        return float((self.weight * self.outcome).sum())

    @property
    def won_rate(self) -> float:
        """The share of won leads, 0 to 1."""
        return self.mean(self.outcome)

    def mean(self, values: Floats | Flags) -> float:
        """The mean of values (n,) over leads, not snapshots."""
        return float(np.average(values, weights=self.weight))

    def where(self, rows: Flags | Integers) -> "Scored":
        """Those snapshots only, in the order of ``rows``, with the leads numbered anew."""
        lead = np.unique(self.lead[rows], return_inverse=True)[1].astype(np.int64)
        return Scored(self.outcome[rows], self.probability[rows], self.weight[rows], lead)

    def predicted(self, probability: Floats) -> "Scored":
        """The same leads with other probabilities."""
        return replace(self, probability=probability)
