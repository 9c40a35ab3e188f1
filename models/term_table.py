"""Logistic terms as arrays: the values of all terms at once, in a handful of array operations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.records import Floats
from models.logistic_term import CategoryTerm, NumberTerm, Term, category_rows, standardise

_ROWS_AT_ONCE = 8_192  # what stays in the processor's cache


@dataclass(frozen=True)
class _Numbers:
    """The number terms; those that take logarithms come first, ``logs`` is how many."""

    places: NDArray[np.int64]
    columns: NDArray[np.int64]
    logs: int
    slope: Floats
    centre: Floats
    scale: Floats
    missing: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, terms: Sequence[Term]) -> "_Numbers":
        numbers = [(place, term) for place, term in enumerate(terms) if isinstance(term, NumberTerm)]
        numbers.sort(key=lambda each: not each[1].log)

        def array(name: str) -> Floats:
            return np.array([getattr(term, name) for _, term in numbers], dtype=np.float64)

        return cls(
            np.array([place for place, _ in numbers], dtype=np.int64),
            np.array([term.feature for _, term in numbers], dtype=np.int64),
            sum(term.log for _, term in numbers),
            *(array(name) for name in ("slope", "centre", "scale", "missing", "low", "high")),
        )

    def values(self, X: Floats) -> Floats:
        x = X[:, self.columns]
        known = np.isfinite(x)
        value = np.where(known, x, 0.0)
        value[:, : self.logs] = np.log1p(np.maximum(value[:, : self.logs], 0.0))
        standard = np.clip(standardise(value, self.centre, self.scale), self.low, self.high)
        return np.where(known, self.slope * standard, self.missing)


@dataclass(frozen=True)
class _Categories:
    """The category terms, their tables one after the other; ``starts`` is where each begins."""

    places: NDArray[np.int64]
    columns: NDArray[np.int64]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    tables: Floats

    @classmethod
    def of(cls, terms: Sequence[Term]) -> "_Categories":
        found = [(place, term) for place, term in enumerate(terms) if isinstance(term, CategoryTerm)]
        sizes = np.array([len(term.table) - 2 for _, term in found], dtype=np.int64)
        return cls(
            np.array([place for place, _ in found], dtype=np.int64),
            np.array([term.feature for _, term in found], dtype=np.int64),
            sizes,
            np.concatenate([[0], np.cumsum(sizes + 2)[:-1]]).astype(np.int64)[: len(found)],
            np.array([value for _, term in found for value in term.table], dtype=np.float64),
        )

    def values(self, X: Floats) -> Floats:
        values: Floats = self.tables[self.starts + category_rows(X[:, self.columns], self.sizes)]
        return values


class TermTable:
    """All terms of a component."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._count = len(terms)
        self._kinds = [kind for kind in (_Numbers.of(terms), _Categories.of(terms)) if len(kind.places)]

    def values(self, X: Floats) -> Floats:
        """Log-odds (n, terms) of X (n, features), terms in their order."""
        out = np.empty((len(X), self._count))
        for begin in range(0, len(X), _ROWS_AT_ONCE):
            rows = slice(begin, begin + _ROWS_AT_ONCE)
            for kind in self._kinds:
                out[rows, kind.places] = kind.values(X[rows])
        return out

    def total(self, X: Floats) -> Floats:
        """The sum (n,) of each row's terms, added one by one: summing in pairs would depend on the number of rows."""
        total = np.zeros(len(X))
        for begin in range(0, len(X), _ROWS_AT_ONCE):
            rows = slice(begin, begin + _ROWS_AT_ONCE)
            if self._count:
                total[rows] = np.cumsum(self.values(X[rows]), axis=1)[:, -1]
        return total
