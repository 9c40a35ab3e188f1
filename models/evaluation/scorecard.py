"""Points of a hand-weighted scorecard over a feature matrix."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_contracts.scorecard import PointRule, PointRules
from features.arrays import Floats
from features.feature import Feature

Matches = NDArray[np.bool_]


def score_points(X: Floats, features: Sequence[Feature], scorecard: PointRules) -> Floats:
    """Points (n,) of X (n, features); a rule whose field or activity the features lack gives none."""
    points = np.zeros(len(X))
    for rule in scorecard.rules:
        column = find_column(rule, features)
        if column is not None:
            points += rule.points * _matches(X[:, column], rule, features[column])
    return points


def find_column(rule: PointRule, features: Sequence[Feature]) -> int | None:
    """The column that a rule reads: its field's, or the activity's count in the window nearest to the one asked."""
    if rule.field is not None:
        names = (f"lead.{rule.field}", rule.field, f"account.{rule.field}")
        columns = {feature.name: column for column, feature in enumerate(features)}
        return next((columns[name] for name in names if name in columns), None)
    asked = rule.within_days or np.inf
    counts = [
        (abs(np.log(min(feature.window_days or np.inf, 1e6) / min(asked, 1e6))), column)
        for column, feature in enumerate(features)
        if feature.signal == rule.activity and f"{feature.name}_".startswith(f"{rule.activity}.count_")
    ]
    return min(counts)[1] if counts else None


def _matches(x: Floats, rule: PointRule, feature: Feature) -> Matches:
    """Where all conditions given hold; a category is neither above nor below a number."""
    matches = np.ones(len(x), dtype=np.bool_)
    if rule.missing is not None:
        matches &= np.isnan(x) == rule.missing
    if rule.is_ is not None:
        matches &= np.isin(x, _codes(rule.is_, feature))
    low = 1.0 if rule.activity is not None and rule.at_least is None and rule.below is None else rule.at_least
    number = np.full(len(x), np.nan) if feature.categories is not None else x
    if low is not None:
        matches &= number >= low
    if rule.below is not None:
        matches &= number < rule.below
    return matches


def _codes(words: Sequence[str], feature: Feature) -> list[float]:
    wanted = {word.casefold() for word in words}
    if feature.categories is None:
        return [value for word, value in (("yes", 1.0), ("no", 0.0)) if word in wanted]
    return [float(code) for code, category in enumerate(feature.categories) if category.casefold() in wanted]
