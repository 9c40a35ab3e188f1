"""Logistic terms as a component of the margin: one function of one feature per term, added up."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from features.records import Floats

STANDARD_LIMIT = 10.0  # standard deviations beyond which a number counts no further


@dataclass(frozen=True)
class NumberTerm:
    """``slope * z``, where z is the standardised value (its logarithm where ``log``), cut at ``low`` and ``high``.

    These are the least and the most of the training rows: a line says nothing beyond what it was drawn through.
    ``missing`` is the term's value where the number is missing or not finite; ``mean`` its mean over the training rows.
    """

    feature: int
    slope: float
    centre: float
    scale: float
    log: bool
    missing: float
    mean: float
    low: float = -STANDARD_LIMIT
    high: float = STANDARD_LIMIT

    def values(self, x: Floats) -> Floats:
        """Log-odds (n,) of a feature's values (n,)."""
        known = np.isfinite(x)
        number = np.where(known, x, 0.0)
        standard = np.clip(standardise(number, self.centre, self.scale, self.log), self.low, self.high)
        return np.where(known, self.slope * standard, self.missing)


@dataclass(frozen=True)
class CategoryTerm:
    """One value per category; the last two of ``table`` are for unknown and for missing."""

    feature: int
    table: tuple[float, ...]
    mean: float

    def values(self, x: Floats) -> Floats:
        """Log-odds (n,) of a feature's codes (n,)."""
        values: Floats = np.asarray(self.table)[category_rows(x, len(self.table) - 2)]
        return values


Term: TypeAlias = NumberTerm | CategoryTerm


@dataclass(frozen=True)
class LogisticTerms:
    """``intercept`` plus the sum of the terms, always in their order: a row alone equals the row in a batch."""

    kind: ClassVar[str] = "logistic"

    intercept: float
    terms: tuple[Term, ...]
    width: int

    def margin(self, X: Floats) -> Floats:
        """Log-odds (n,) of X (n, width)."""
        total = np.full(len(X), self.intercept)
        for term in self.terms:
            total += term.values(np.ascontiguousarray(X[:, term.feature]))
        return total

    def contributions(self, X: Floats) -> Floats:
        """SHAP values (n, width + 1) of independent features: each term less its training mean; base last."""
        total = np.zeros((len(X), self.width + 1))
        total[:, -1] = self.intercept + sum(term.mean for term in self.terms)
        for term in self.terms:
            total[:, term.feature] += term.values(np.ascontiguousarray(X[:, term.feature])) - term.mean
        return total

    def save(self, directory: Path, name: str) -> dict[str, Any]:
        """Write ``<name>.json``."""
        path = directory / f"{name}.json"
        path.write_text(json.dumps(self.to_dict(), indent=1) + "\n", encoding="utf-8")
        return {"kind": self.kind, "file": path.name}

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON values."""
        return {"intercept": self.intercept, "width": self.width, "terms": [asdict(term) for term in self.terms]}

    @classmethod
    def load(cls, directory: Path, entry: dict[str, Any]) -> "LogisticTerms":
        """Read what ``save`` wrote."""
        return cls.from_dict(json.loads((directory / entry["file"]).read_text(encoding="utf-8")))

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> "LogisticTerms":
        """The inverse of ``to_dict``."""
        return cls(state["intercept"], tuple(_term(term) for term in state["terms"]), state["width"])


def _term(state: dict[str, Any]) -> Term:
    if "table" in state:
        return CategoryTerm(state["feature"], tuple(state["table"]), state["mean"])
    return NumberTerm(**state)


def standardise(number: Floats, centre: float, scale: float, log: bool) -> Floats:
    """Finite numbers (n,) in standard deviations, cut at +-STANDARD_LIMIT."""
    value = np.log1p(np.maximum(number, 0.0)) if log else number
    result: Floats = np.clip((value - centre) / scale, -STANDARD_LIMIT, STANDARD_LIMIT)
    return result


def category_rows(x: Floats, categories: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Rows (n,) of a category table: the code, ``categories`` for unknown, ``categories + 1`` for missing."""
    known = np.isfinite(x)
    code = np.where(known, np.clip(x, -1, categories), categories + 1).astype(np.int64)
    return np.where(code < 0, categories, code)
