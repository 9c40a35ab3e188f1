"""Rows to learn from."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.arrays import Floats
from features.feature import Feature
from models.log_odds import logit
from models.samples.folds import Groups, Rows


@dataclass(frozen=True)
class Sample:
    """n rows: X (n, features) with NaN for missing, y (n,) of 0 and 1, weight (n,), the lead (n,), the rank in time.

    ``monotone`` is the sign of each feature whose rise may only raise (1) or lower (-1) the margin, 0 or left out where
    it is free. ``half_life`` is a share of the rows: with 0.5 the oldest row is learned with a quarter of the newest
    row's weight.
    """

    X: Floats
    y: Floats
    weight: Floats
    lead: Groups
    time_rank: Rows
    features: tuple[Feature, ...]
    seed: int
    monotone: tuple[int, ...] = ()
    half_life: float | None = None

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def rows_per_lead(self) -> float:
        """How many snapshots a lead has on average."""
        return len(self.y) / max(1, len(np.unique(self.lead)))

    @cached_property
    def categorical(self) -> tuple[int, ...]:
        """The columns of X that hold codes of categories."""
        return tuple(index for index, feature in enumerate(self.features) if feature.categories is not None)

    def rows(self, chosen: Rows) -> "Sample":
        """Only these rows."""
        columns = ("X", "y", "weight", "lead", "time_rank")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def time_weighted(self) -> "Sample":
        """The same rows with the weights under which they are learned: older ones weigh less by the half-life."""
        if self.half_life is None:
            return self
        rank = np.argsort(np.argsort(self.time_rank, kind="stable"), kind="stable")
        decay = 0.5 ** ((len(self) - 1 - rank) / (len(self) * self.half_life))
        return replace(self, weight=self.weight * (decay / np.average(decay, weights=self.weight)), half_life=None)

    @property
    def base(self) -> float:
        """The log-odds of the base rate, at most those of one in a million."""
        return float(logit(np.average(self.y, weights=self.weight)))
