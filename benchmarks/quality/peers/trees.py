"""Forests and boosters at fixed settings."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import as_text, categorical, frame
from benchmarks.quality.problem import Problem
from features.arrays import Floats

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin

FOREST = {"n_estimators": 500, "min_samples_leaf": 5}  # the default's leaves of one row say 0 and 1
MOST_LEVELS = 255
FEW = 5000  # rows that are learned sooner than the processes of several threads start
SMALL = {"n_estimators": 150, "num_leaves": 7}


def random_forest(problem: Problem, effort: Effort) -> Answer:
    """scikit-learn's, 500 trees with at least five rows in a leaf, on one-hot levels; missing numbers as they are."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("levels", levels, categorical(problem.features))], remainder="passthrough")
    forest = RandomForestClassifier(**FOREST, n_jobs=effort.threads, random_state=effort.seed)
    return _learned(make_pipeline(columns, forest), problem)


def hist_boosting(problem: Problem, effort: Effort) -> Answer:
    """scikit-learn's HistGradientBoostingClassifier with its own settings; of a category it takes 255 levels."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=effort.seed)
    return _learned(model, with_fewer_levels(problem, MOST_LEVELS))


def with_fewer_levels(problem: Problem, most: int) -> Problem:
    """A problem whose categories have so many levels at most: codes are in order of frequency, the last are pooled."""
    places = [
        place for place, each in enumerate(problem.features) if each.categories and len(each.categories) >= most
    ]  # fmt: skip
    X_train, X_test, features = problem.X_train.copy(), problem.X_test.copy(), list(problem.features)
    for place in places:
        features[place] = replace(features[place], categories=(features[place].categories or ())[: most - 1])
        for X in (X_train, X_test):
            X[:, place] = np.minimum(X[:, place], most - 1)
    return replace(problem, X_train=X_train, X_test=X_test, features=tuple(features))


def lightgbm_default(problem: Problem, effort: Effort) -> Answer:
    """LightGBM with its own settings."""
    return _lightgbm(problem, effort)


def lightgbm_small(problem: Problem, effort: Effort) -> Answer:
    """LightGBM of 150 trees with 7 leaves."""
    return _lightgbm(problem, effort, **SMALL)


def xgboost(problem: Problem, effort: Effort) -> Answer:
    """XGBoost with its own settings and native categories."""
    from xgboost import XGBClassifier

    model = XGBClassifier(enable_categorical=True, n_jobs=effort.threads, random_state=effort.seed)
    return _learned(model, problem)


def catboost(problem: Problem, effort: Effort) -> Answer:
    """CatBoost with its own settings; a missing category is a level."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        cat_features=categorical(problem.features), random_seed=effort.seed, thread_count=effort.threads,
        verbose=False, allow_writing_files=False,
    )  # fmt: skip
    model.fit(as_text(frame(problem.X_train, problem.features)), problem.y_train)
    return Answer(model.predict_proba(as_text(frame(problem.X_test, problem.features)))[:, 1])


def ebm(problem: Problem, effort: Effort) -> Answer:
    """The explainable boosting machine of interpret with its own settings."""
    from interpret.glassbox import ExplainableBoostingClassifier

    threads = effort.threads if len(problem.y_train) > FEW else 1
    kinds = ["continuous" if each.categories is None else "nominal" for each in problem.features]
    model = ExplainableBoostingClassifier(feature_types=kinds, n_jobs=threads, random_state=effort.seed)
    model.fit(_for_ebm(problem, problem.X_train), problem.y_train)
    return Answer(model.predict_proba(_for_ebm(problem, problem.X_test))[:, 1])


def _for_ebm(problem: Problem, X: Floats) -> pd.DataFrame:
    """It reads text and NaN, not pandas categories."""
    given = frame(X, problem.features)
    return given.astype(dict.fromkeys(categorical(problem.features), object))


def _lightgbm(problem: Problem, effort: Effort, **settings: int) -> Answer:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(**settings, n_jobs=effort.threads, random_state=effort.seed, verbosity=-1)
    return _learned(model, problem)


def _learned(model: "ClassifierMixin", problem: Problem) -> Answer:
    model.fit(frame(problem.X_train, problem.features), problem.y_train)
    return Answer(model.predict_proba(frame(problem.X_test, problem.features))[:, 1])
