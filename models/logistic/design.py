"""The design matrix of a regression: indicators of levels, which are few ones among zeros, beside numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from features.arrays import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array
else:
    csr_array: TypeAlias = Any


@dataclass(frozen=True)
class Design:
    """n rows of k columns: first those of ``levels``, then those of ``numbers``; the work grows with what is not 0."""

    levels: csr_array
    numbers: Floats

    @classmethod
    def of(cls, numbers: Floats) -> "Design":
        """A design of numbers (n, k) alone."""
        from scipy.sparse import csr_array

        return cls(csr_array((len(numbers), 0)), numbers)

    def margin(self, coefficients: Floats) -> Floats:
        """The product (n,) with coefficients (k,)."""
        count = self.levels.shape[1]
        product: Floats = self.numbers @ coefficients[count:]
        return product + self.levels @ coefficients[:count] if count else product

    def sums(self, values: Floats) -> Floats:
        """Each column (k,) multiplied by values (n,) and summed."""
        sums: Floats = self.numbers.T @ values
        return np.concatenate([self.levels.T @ values, sums]) if self.levels.shape[1] else sums

    def curvature(self, weight: Floats) -> Floats:
        """The products (k, k) of each two columns, summed over the rows under ``weight`` (n,)."""
        scaled: Floats = self.numbers * np.sqrt(weight)[:, None]
        numbers: Floats = scaled.T @ scaled
        if not self.levels.shape[1]:
            return numbers
        weighted = self.levels.multiply(weight[:, None]).tocsr()
        levels = (weighted.T @ self.levels).toarray()
        across = weighted.T @ self.numbers
        return np.block([[levels, across], [across.T, numbers]])
