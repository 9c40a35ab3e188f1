"""Neural networks for tables, from pytabkit, on the processor."""

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import as_text, categorical, frame
from benchmarks.quality.problem import Problem
from features.feature import Feature

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin
    from sklearn.compose import ColumnTransformer


def realmlp(problem: Problem, effort: Effort) -> Answer:
    """RealMLP with its tuned defaults (Holzmueller, Grinsztajn, Steinwart 2024), for log loss."""
    from pytabkit import RealMLP_TD_Classifier

    # Its authors turn label smoothing off where probabilities count.
    return _answer(RealMLP_TD_Classifier(**_settings(effort), use_ls=False), problem)


def tabm(problem: Problem, effort: Effort) -> Answer:
    """TabM with its defaults (Gorishniy, Kotelnikov, Babenko 2024): 32 networks that share most of their weights."""
    from pytabkit import TabM_D_Classifier

    return _answer(TabM_D_Classifier(**_settings(effort)), problem)


def _settings(effort: Effort) -> dict[str, Any]:
    return {
        "device": "cpu", "random_state": effort.seed, "n_threads": effort.threads, "val_metric_name": "cross_entropy",
    }  # fmt: skip


def _answer(model: "ClassifierMixin", problem: Problem) -> Answer:
    """What was learned, stopped early on the calibration part: the newest leads where they are in order."""
    columns = _filled(problem.features)
    learned = columns.fit_transform(as_text(frame(problem.X_train, problem.features)))
    model.fit(
        learned, problem.y_train.astype(int), val_idxs=np.flatnonzero(problem.part == "calibrate"),
        cat_col_names=categorical(problem.features),
    )  # fmt: skip
    asked = columns.transform(as_text(frame(problem.X_test, problem.features)))
    return Answer(model.predict_proba(asked)[:, 1].astype(np.float64))


def _filled(features: tuple[Feature, ...]) -> "ColumnTransformer":
    """Missing numbers as the median, with a column that says so; categories as they are."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer

    numbers = [f"x{place}" for place, each in enumerate(features) if each.categories is None]
    filling = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    columns = ColumnTransformer(
        [("numbers", filling, numbers)], remainder="passthrough", verbose_feature_names_out=False
    )  # fmt: skip
    return columns.set_output(transform="pandas")
