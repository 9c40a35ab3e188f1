"""Numbers and categories as bins, as scikit-learn's CategoricalNB takes them; what is missing is a bin of its own."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats, Integers
from features.feature import Feature
from models.logistic.terms import category_rows

_BINS = 10


@dataclass(frozen=True)
class ColumnBins:
    """A category's levels, the unknown and the missing one; or numbers up to each of ``edges``, above, and missing."""

    edges: Floats
    levels: int | None = None

    @classmethod
    def of(cls, x: Floats, feature: Feature) -> "ColumnBins":
        """Numbers of few values get a bin for each, others bins of about equal mass."""
        if feature.categories is not None:
            return cls(np.empty(0), len(feature.categories))
        known = x[np.isfinite(x)]
        values = np.unique(known)
        tenths = np.linspace(0, 1, _BINS + 1)[1:-1]
        return cls(values[:-1] if len(values) <= _BINS else np.unique(np.quantile(known, tenths)))

    @property
    def count(self) -> int:
        """How many bins there are."""
        return (len(self.edges) if self.levels is None else self.levels) + 2

    def bin(self, x: Floats) -> Integers:
        """The bin (n,) of each value (n,)."""
        if self.levels is not None:
            return category_rows(x, self.levels)
        return np.where(np.isfinite(x), np.searchsorted(self.edges, x), len(self.edges) + 1)
