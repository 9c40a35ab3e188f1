"""Logistic terms as a component of the margin: one function of one feature per term, added up."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from data_contracts.strict_json import from_json, parse_json
from features.arrays import Floats
from models.log_odds import LARGEST_LOG_ODDS
from models.logistic.kernels import TermTable, add_terms, explain_terms, term_table
from models.logistic.terms import Term, term_from_dict


@dataclass(frozen=True)
class LogisticTerms:
    """``intercept`` plus the sum of the terms, always in their order: a row alone equals the row in a batch."""

    kind: ClassVar[str] = "logistic"

    intercept: float
    terms: tuple[Term, ...]  # at most one per feature
    width: int

    def margin(self, X: Floats) -> Floats:
        """Log-odds (n,) of X (n, width)."""
        total = np.full(len(X), self.intercept)
        add_terms(np.ascontiguousarray(X, dtype=np.float64), self._table, total)
        return total

    def contributions(self, X: Floats) -> Floats:
        """SHAP values (n, width + 1) of independent features: each term less its training mean; base last."""
        return self.explain(X)[1]

    def explain(self, X: Floats) -> tuple[Floats, Floats]:
        """Margin and contributions at once."""
        total, values = np.full(len(X), self.intercept), np.zeros((len(X), self.width + 1))
        values[:, -1] = self._base
        explain_terms(np.ascontiguousarray(X, dtype=np.float64), self._table, total, values)
        return total, values

    @cached_property
    def _base(self) -> float:
        return self.intercept + sum(term.mean for term in self.terms)

    @cached_property
    def _table(self) -> TermTable:
        return term_table(self.terms)

    def save(self, directory: Path, name: str) -> dict[str, Any]:
        """Write ``<name>.json``."""
        path = directory / f"{name}.json"
        state = {"intercept": self.intercept, "width": self.width, "terms": [asdict(term) for term in self.terms]}
        path.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        return {"kind": self.kind, "file": path.name}

    @classmethod
    def load(cls, text: str, width: int) -> "LogisticTerms":
        """Read what ``save`` wrote of terms over ``width`` features.

        Raises ValueError where it is anything else.
        """
        state = from_json(_State, parse_json(text))
        terms = tuple(term_from_dict(term) for term in state.terms)
        columns = [term.feature for term in terms]
        if abs(state.intercept) > LARGEST_LOG_ODDS:
            raise ValueError(f"its intercept is larger than {LARGEST_LOG_ODDS:g}")
        if state.width != width or len(set(columns)) < len(columns) or not all(0 <= each < width for each in columns):
            raise ValueError(f"its terms are not those of {width} features")
        return cls(float(state.intercept), terms, width)


@dataclass(frozen=True)
class _State:
    """What the file holds."""

    intercept: float
    width: int
    terms: tuple[dict[str, Any], ...]
