"""How rare the values of leads are: of each lead the three rarest, by the column in which they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.arrays import Floats, Integers

KEPT = 3  # whichever column is left out, two are left
NONE = -1  # no column


@dataclass(frozen=True)
class Rarity:
    """The share of leads that have the rarest values of each lead (3, leads), the rarest first, and their columns.

    Two values are taken as if they were independent: of more, which depend on each other, the product says nothing.
    """

    share: Floats
    column: Integers

    @classmethod
    def of(cls, columns: Sequence[Integers]) -> Self:
        """Of columns of codes (leads,) from 0."""
        share = np.ones((KEPT, columns[0].size))
        column = np.full(share.shape, NONE, dtype=np.int64)
        for place, codes in enumerate(columns):
            new, where = (np.bincount(codes) / codes.size)[codes], np.full(codes.size, place)
            for rank in range(KEPT):
                rarer = new < share[rank]
                share[rank], new = np.where(rarer, new, share[rank]), np.where(rarer, share[rank], new)
                column[rank], where = np.where(rarer, where, column[rank]), np.where(rarer, column[rank], where)
        return cls(share, column)

    def bundled(self, most: int, columns: int) -> Self:
        """With the bundles in which the first ``columns`` are instead of them."""
        if columns <= most:
            return self
        return replace(self, column=np.where(self.column < columns, self.column % most, self.column - columns + most))

    def together(self, left_out: int = NONE) -> Floats:
        """The share of leads (leads,) that would have the two rarest values of each lead, but for those of a column."""
        share = np.sort(np.where(self.column == left_out, 1.0, self.share), axis=0)
        return np.asarray(share[0] * share[1])

    def at_worst(self) -> Floats:
        """The same, whichever column is left out."""
        return np.asarray(self.share[1] * self.share[2])
