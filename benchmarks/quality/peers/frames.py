"""The feature matrix as the peers like it: frames with categories, one-hot and standardised columns, bins."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.problem import Problem
from features.arrays import Floats
from features.feature import Feature

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer

MISSING = "missing"
BINS = 10


def frame(X: Floats, features: tuple[Feature, ...]) -> pd.DataFrame:
    """X as a frame: numbers with NaN, categories as pandas categories whose levels are the codes as text.

    Columns are called by number: some peers do not bear every character in a name.
    """
    return pd.DataFrame({f"x{place}": _column(X[:, place], each) for place, each in enumerate(features)})


def categorical(features: tuple[Feature, ...]) -> list[str]:
    """The names of the categorical columns of ``frame``."""
    return [f"x{place}" for place, each in enumerate(features) if each.categories is not None]


def as_text(given: pd.DataFrame) -> pd.DataFrame:
    """The frame with its categories as text, a missing one as a level of its own."""
    texts = {name: given[name].astype(object).fillna(MISSING) for name in given.select_dtypes("category").columns}
    return given.assign(**texts)


def standardised(features: tuple[Feature, ...]) -> "ColumnTransformer":
    """Numbers filled with the median, with an indicator of missing, and scaled; categories one-hot."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    names = categorical(features)
    numbers = [f"x{place}" for place in range(len(features)) if f"x{place}" not in names]
    filled = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
    return ColumnTransformer([("numbers", filled, numbers), ("levels", OneHotEncoder(handle_unknown="ignore"), names)])


def binned(problem: Problem) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Training and test rows as codes from 0, and how many each column has: tenths of numbers, 0 for missing."""
    both = [np.empty(X.shape, np.int64) for X in (problem.X_train, problem.X_test)]
    sizes = []
    for place, feature in enumerate(problem.features):
        known = problem.X_train[:, place]
        known = known[~np.isnan(known)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if known.size else known
        for X, codes in zip((problem.X_train, problem.X_test), both, strict=True):
            value = X[:, place]
            code = value if feature.categories is not None else np.searchsorted(edges, value, side="right")
            codes[:, place] = np.where(np.isnan(value), 0, np.nan_to_num(code) + 1)
        sizes.append((len(edges) + 1 if feature.categories is None else len(feature.categories) + 1) + 1)
    return both[0], both[1], sizes


def _column(values: Floats, feature: Feature) -> "pd.Series[float] | pd.Categorical[str]":
    if feature.categories is None:
        return pd.Series(values)
    codes = np.where(np.isnan(values), -1, np.nan_to_num(values)).astype(np.int64)
    return pd.Categorical.from_codes(
        codes, categories=pd.Index([str(code) for code in range(len(feature.categories) + 1)])
    )
