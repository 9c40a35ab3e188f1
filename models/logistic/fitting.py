"""Fitting logistic terms: a ridge logistic regression by Newton's method, for a path of penalties."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from features.feature import Feature
from models.log_odds import logit
from models.logistic.component import LogisticTerms
from models.logistic.design import Design
from models.logistic.newton import fit_path
from models.logistic.terms import CategoryTerm, NumberTerm, Term, category_rows, standardise

_MAX_ROWS = 60_000  # some hundred coefficients do not need more
_SKEWED = 2.0


@dataclass(frozen=True)
class _Shape:
    """How a feature enters the design matrix; ``columns`` is its slice there."""

    feature: int
    columns: slice
    categories: int | None = None
    centre: float = 0.0
    scale: float = 1.0
    log: bool = False
    fill: float = 0.0  # the standardised median, which stands in for a missing number
    low: float = 0.0
    high: float = 0.0  # the least and the most standardised number
    misses: bool = False  # whether a number is missing anywhere, which then has a column of its own

    def numbers(self, x: Floats) -> Floats:
        """Columns (n, width of the slice) of a number's values (n,)."""
        known = np.isfinite(x)
        number = np.where(known, standardise(np.where(known, x, 0.0), self.centre, self.scale, self.log), self.fill)
        return np.column_stack([number, ~known]) if self.misses else number[:, None]

    def term(self, coefficients: Floats, means: Floats) -> Term:
        """The term that these coefficients make; ``means`` are those of the design's columns."""
        mean = float(means @ coefficients)
        if self.categories is not None:
            return CategoryTerm(self.feature, tuple(coefficients.tolist()), mean)
        slope = float(coefficients[0])
        missing = slope * self.fill + (float(coefficients[1]) if self.misses else 0.0)
        return NumberTerm(self.feature, slope, self.centre, self.scale, self.log, missing, mean, self.low, self.high)


def fit_logistic(
    X: Floats,
    y: Floats,
    weight: Floats,
    features: Sequence[Feature],
    C: Sequence[float],
    seed: int = 0,
    signs: Sequence[int] = (),
) -> list[LogisticTerms]:
    """One fit for each C (the penalty is ``|coefficients|^2 / 2C``, as in scikit-learn), weakest first.

    X (n, features), y (n,) of 0 and 1, weight (n,). More than 60,000 rows are sampled. ``signs``, where given, has one
    per feature: +1 where the margin must not fall as the number rises, -1 where it must not rise, 0 for either, as for
    every category. What a missing number adds is free.
    """
    if len(X) > _MAX_ROWS:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(X))[:_MAX_ROWS])
        X, y, weight = X[chosen], y[chosen], weight[chosen]
    shapes = _shapes(X, features)
    design = _design(X, shapes)
    means = design.sums(weight) / weight.sum()
    width = len(means) - 1
    ridges = [np.append(np.full(width, 1.0 / each), 1e-9) for each in C]  # the intercept is not penalised
    start = np.append(np.zeros(width), logit(np.average(y, weights=weight)))
    kept = np.zeros(width + 1)  # the sign of each coefficient: only slopes have one to keep
    for shape in shapes:
        if signs and shape.categories is None:
            kept[shape.columns.start] = signs[shape.feature]
    fitted = []
    for coefficients in fit_path(design, y, weight, ridges, start, signs=kept):
        terms = tuple(
            s.term(coefficients[s.columns], means[s.columns]) for s in sorted(shapes, key=lambda each: each.feature)
        )
        fitted.append(LogisticTerms(float(coefficients[-1]), terms, X.shape[1]))
    return fitted


def _design(X: Floats, shapes: Sequence[_Shape]) -> Design:
    """Indicators of the levels of each category, the numbers, and a column of ones."""
    from scipy.sparse import csr_array

    levels = [shape for shape in shapes if shape.categories is not None]
    hot = [shape.columns.start + category_rows(X[:, shape.feature], shape.categories or 0) for shape in levels]
    width = levels[-1].columns.stop if levels else 0
    indices = np.stack(hot, axis=1).ravel() if hot else np.empty(0, dtype=np.int64)
    rows = np.arange(len(X) + 1) * len(levels)
    numbers = [shape.numbers(X[:, shape.feature]) for shape in shapes if shape.categories is None]
    return Design(
        csr_array((np.ones(len(indices)), indices, rows), shape=(len(X), width)),
        np.column_stack([*numbers, np.ones(len(X))]),
    )


def _shapes(X: Floats, features: Sequence[Feature]) -> list[_Shape]:
    """How each feature enters; the columns of the categories come first."""
    shapes: list[_Shape] = []
    start = 0
    for index, feature in sorted(enumerate(features), key=lambda each: each[1].categories is None):
        shape = _shape(index, X[:, index], feature, start)
        if shape:
            shapes.append(shape)
            start = shape.columns.stop
    return shapes


def _shape(index: int, x: Floats, feature: Feature, start: int) -> _Shape | None:
    """How a feature with values x (n,) enters from column ``start`` on; None where no number of it is known."""
    if feature.categories is not None:
        levels = len(feature.categories)
        return _Shape(index, slice(start, start + levels + 2), levels)
    known = x[np.isfinite(x)]
    if not len(known):
        return None
    misses = len(known) < len(x)
    log = bool(known.min() >= 0 and _skewness(known) > _SKEWED)
    known = np.log1p(known) if log else known
    centre, scale = float(known.mean()), float(known.std())
    if scale <= 1e-12 * max(1.0, abs(centre)):
        scale = 1.0
    fill, low, high = np.clip(
        (np.array([np.median(known), known.min(), known.max()]) - centre) / scale, -10, 10
    ).tolist()
    return _Shape(index, slice(start, start + 1 + misses), None, centre, scale, log, fill, low, high, misses)


def _skewness(x: Floats) -> float:
    scale = float(x.std())
    return float((((x - x.mean()) / scale) ** 3).mean()) if scale > 0 else 0.0
