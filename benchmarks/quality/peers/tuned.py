"""LightGBM tuned by Optuna for a time, then calibrated out of fold: what a careful person does by hand."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import frame
from benchmarks.quality.problem import Problem
from features.arrays import Floats
from models.log_odds import log_losses

if TYPE_CHECKING:
    import pandas as pd
    from optuna.trial import Trial

FOLDS, PATIENCE, MOST_TREES = 4, 50, 3000
REFIT_SHARE = 0.15  # of the budget is kept for the last fit
FIRST = {
    "learning_rate": 0.05, "num_leaves": 7, "min_child_samples": 20, "reg_lambda": 1.0, "colsample_bytree": 0.8,
    "subsample": 0.8, "cat_smooth": 10.0,
}  # fmt: skip
Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass
class _Found:
    loss: float = np.inf
    settings: dict[str, Any] = field(default_factory=dict)
    trees: int = 100
    margin: Floats = field(default_factory=lambda: np.empty(0))


def lightgbm_tuned(problem: Problem, effort: Effort) -> Answer:
    """Trials with early stopping on four shuffled folds until the time is used up.

    The calibrator (none, sigmoid, isotonic) is the one with the least cross-fitted log loss on held-out margins.
    """
    import optuna
    from lightgbm import LGBMClassifier

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    given, y, folds, best = frame(problem.X_train, problem.features), problem.y_train, _folds(problem, effort), _Found()
    deadline = time.monotonic() + effort.budget * (1 - REFIT_SHARE)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=effort.seed))
    study.enqueue_trial(FIRST)
    study.optimize(lambda trial: _try(trial, given, y, folds, effort, best, deadline), timeout=_left(deadline))
    model = LGBMClassifier(**best.settings, n_estimators=best.trees).fit(given, y)
    margin = model.predict(frame(problem.X_test, problem.features), raw_score=True)
    kind = _calibrator(best.margin, y[np.concatenate([held for _, held in folds])])
    p = _calibrated(kind, best.margin, y[np.concatenate([held for _, held in folds])], margin)
    return Answer(
        p, {"trials": len(study.trials), "calibrator": kind, "trees": best.trees, "settings": study.best_params}
    )


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _folds(problem: Problem, effort: Effort) -> list[Fold]:
    from sklearn.model_selection import StratifiedKFold

    return list(StratifiedKFold(FOLDS, shuffle=True, random_state=effort.seed).split(problem.X_train, problem.y_train))


def _settings(trial: "Trial", effort: Effort) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 3, 63, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 200, log=True),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 100, log=True),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1.0),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "subsample_freq": 1,
        "cat_smooth": trial.suggest_float("cat_smooth", 1.0, 100.0, log=True),
        "n_jobs": effort.threads,
        "random_state": effort.seed,
        "verbosity": -1,
    }


def _try(
    trial: "Trial", given: "pd.DataFrame", y: Floats, folds: list[Fold], effort: Effort, best: _Found, deadline: float
) -> float:
    """The mean loss of the folds; a trial that the deadline cuts short counts only where there is no other."""
    import lightgbm

    settings, losses, margins, trees = _settings(trial, effort), [], [], []
    for train, held in folds:
        stop = lightgbm.early_stopping(PATIENCE, verbose=False)
        model = lightgbm.LGBMClassifier(**settings, n_estimators=MOST_TREES)
        model.fit(
            given.iloc[train], y[train], eval_X=given.iloc[held], eval_y=y[held], eval_metric="binary_logloss",
            callbacks=[stop],
        )  # fmt: skip
        margins.append(model.predict(given.iloc[held], raw_score=True))
        losses.append(float(model.best_score_["valid_0"]["binary_logloss"]))
        trees.append(int(model.best_iteration_))
        if time.monotonic() > deadline and np.isfinite(best.loss):
            return float(np.mean(losses)) + 1.0
    if np.mean(losses) < best.loss:
        best.loss, best.settings = float(np.mean(losses)), settings
        best.trees, best.margin = max(1, int(np.mean(trees))), np.concatenate(margins)
    return float(np.mean(losses))


def _calibrator(margin: Floats, y: Floats) -> str:
    """The kind with the least log loss when each half is calibrated on the other."""
    half = np.arange(len(y)) % 2 == 0
    losses = {}
    for kind in ("none", "sigmoid", "isotonic"):
        p = np.empty(len(y))
        for part in (half, ~half):
            p[part] = _calibrated(kind, margin[~part], y[~part], margin[part])
        losses[kind] = float(log_losses(y, p).mean())
    return min(losses, key=lambda kind: losses[kind])


def _calibrated(kind: str, margin: Floats, y: Floats, asked: Floats) -> Floats:
    from scipy.special import expit
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    if kind == "none":
        plain: Floats = expit(asked)
        return plain
    if kind == "sigmoid":
        line = LogisticRegression(C=1e6).fit(margin[:, None], y)
        sloped: Floats = line.predict_proba(asked[:, None])[:, 1]
        return sloped
    steps = IsotonicRegression(y_min=1e-3, y_max=1 - 1e-3, out_of_bounds="clip").fit(expit(margin), y)
    stepped: Floats = steps.predict(expit(asked))
    return stepped
