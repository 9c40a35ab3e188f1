"""Tuning by Optuna for a time and calibrating out of fold: what a careful person does by hand with any booster."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.problem import Problem
from features.arrays import Floats
from models.log_odds import log_losses

if TYPE_CHECKING:
    import pandas as pd
    from optuna.trial import Trial

FOLDS = 4
REFIT_SHARE = 0.15  # of the budget is kept for the last fit
Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


class Booster(Protocol):
    """What is tuned: ``first`` are the settings that are tried before others."""

    first: dict[str, Any]

    def settings(self, trial: "Trial", effort: Effort) -> dict[str, Any]:
        """What a trial asks for."""

    def columns(self, X: Floats, problem: Problem) -> "pd.DataFrame":
        """Rows in the form that it reads."""

    def stopped(
        self, settings: dict[str, Any], learned: "pd.DataFrame", y: Floats, held: "pd.DataFrame", y_held: Floats
    ) -> tuple[Floats, int]:
        """The margins of the held-out rows, and the number of trees at which it stopped early on them."""

    def learned(self, settings: dict[str, Any], trees: int, given: "pd.DataFrame", y: Floats) -> "Margin":
        """The margins that so many trees give, learned from all rows."""


Margin = Callable[["pd.DataFrame"], Floats]


@dataclass
class _Found:
    loss: float = np.inf
    settings: dict[str, Any] = field(default_factory=dict)
    trees: int = 100
    margin: Floats = field(default_factory=lambda: np.empty(0))


def tuned(booster: Booster, problem: Problem, effort: Effort) -> Answer:
    """Trials with early stopping on four shuffled folds until the time is used up.

    The calibrator (none, sigmoid, isotonic) is the one with the least cross-fitted log loss on held-out margins.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    given, y, folds, best = (
        booster.columns(problem.X_train, problem),
        problem.y_train,
        shuffled_folds(problem),
        _Found(),
    )
    deadline = time.monotonic() + effort.budget * (1 - REFIT_SHARE)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=effort.seed))
    study.enqueue_trial(booster.first)
    study.optimize(
        lambda trial: _try(booster, booster.settings(trial, effort), given, y, folds, best, deadline),
        timeout=max(deadline - time.monotonic(), 0.001),
    )
    margin = booster.learned(best.settings, best.trees, given, y)(booster.columns(problem.X_test, problem))
    held = y[np.concatenate([rows for _, rows in folds])]
    kind = _calibrator(best.margin, held)
    facts = {"trials": len(study.trials), "calibrator": kind, "trees": best.trees, "settings": study.best_params}
    return Answer(_calibrated(kind, best.margin, held, margin), facts)


def shuffled_folds(problem: Problem, count: int = FOLDS) -> list[Fold]:
    """Folds with as many won rows each, all rows of a lead in one of them."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if np.unique(problem.group).size == problem.group.size:
        alone = StratifiedKFold(count, shuffle=True, random_state=0)
        return list(alone.split(problem.X_train, problem.y_train))
    together = StratifiedGroupKFold(count, shuffle=True, random_state=0)
    return list(together.split(problem.X_train, problem.y_train, problem.group))


def _try(
    booster: Booster, settings: dict[str, Any], given: "pd.DataFrame", y: Floats, folds: list[Fold], best: _Found,
    deadline: float,
) -> float:  # fmt: skip
    """The mean loss of the folds; a trial that the deadline cuts short counts only where there is no other."""
    losses, margins, trees = [], [], []
    for train, held in folds:
        margin, stop = booster.stopped(settings, given.iloc[train], y[train], given.iloc[held], y[held])
        losses.append(float(log_losses(y[held], 1 / (1 + np.exp(-margin))).mean()))
        margins.append(margin)
        trees.append(stop)
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
