"""How often leads agree in all columns, and in all but a few: by hashes of whole leads, without comparing pairs."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.arrays import Integers

Hashes = NDArray[np.uint64]
_ODD = np.uint64(0x9E3779B97F4A7C15)


class Matches:
    """Columns of leads as pseudo-random numbers (leads,) each, whose sum without some columns is a hash of the rest."""

    def __init__(self, hashes: Sequence[Hashes], usual: Sequence[float]) -> None:
        self.usual = usual  # the share of pairs of leads that agree in a column, for each
        self.leads = hashes[0].size
        self._hashes = hashes
        self._whole = _summed(hashes)
        self._shares: dict[frozenset[int], float] = {}

    @classmethod
    def of(cls, columns: Sequence[Integers]) -> Self:
        """Of columns of codes (leads,) from 0."""
        usual = [_share_of_pairs(np.bincount(codes)) for codes in columns]
        return cls([_mixed(codes, place) for place, codes in enumerate(columns)], usual)

    def bundled(self, most: int, columns: int) -> Self:
        """The first ``columns`` in at most so many bundles, each with columns from all over; the others as they are."""
        if columns <= most:
            return self
        bundles = [_summed(self._hashes[start:columns:most]) for start in range(most)]
        usual = [_share_of_pairs(_counts(each)) for each in bundles]
        return type(self)([*bundles, *self._hashes[columns:]], [*usual, *self.usual[columns:]])

    def among(self, leads: Integers) -> Self:
        """These leads only; what is usual stays what it is among all."""
        return type(self)([each[leads] for each in self._hashes], self.usual)

    def without(self, *left_out: int) -> Hashes:
        """A hash (leads,) of all columns but these."""
        hashes = self._whole.copy()
        for place in left_out:
            hashes -= self._hashes[place]
        return hashes

    def share(self, *left_out: int) -> float:
        """The share of pairs of leads that agree in all columns but perhaps these."""
        key = frozenset(left_out)
        if key not in self._shares:
            self._shares[key] = _share_of_pairs(_counts(self.without(*key)))
        return self._shares[key]


def _summed(hashes: Sequence[Hashes]) -> Hashes:
    return np.asarray(np.sum(hashes, axis=0, dtype=np.uint64))


def _counts(hashes: Hashes) -> Integers:
    """How often each value stands there."""
    return np.asarray(np.unique(hashes, return_counts=True)[1], dtype=np.int64)


def _share_of_pairs(counts: Integers) -> float:
    leads = float(counts.sum())
    return float((counts * (counts - 1.0)).sum() / max(1.0, leads * (leads - 1.0)))


def _mixed(codes: Integers, place: int) -> Hashes:
    """Pseudo-random numbers (leads,), the same for the same code of a column."""
    with np.errstate(over="ignore"):
        x = codes.astype(np.uint64) + np.uint64(place + 1) * _ODD
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
        mixed: Hashes = x ^ (x >> np.uint64(31))
    return mixed
