"""Tuning the trees with Optuna within a time budget, on the same held-out leads as every candidate."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from features.records import Floats
from models.boosting import Growth, stages
from models.calibration import logistic
from models.candidates import Candidate, Sample, chosen_trees, fold_margins
from models.folds import Fold
from models.gain import log_losses

if TYPE_CHECKING:
    from optuna import Trial

_STARTUP = 8
_TREES = 400


@dataclass(frozen=True)
class Tuning:
    """The best trees found (None where no trial ended) and the number of trials."""

    candidate: Candidate | None
    trials: int


def tune_trees(
    sample: Sample,
    folds: Sequence[Fold],
    budget_seconds: float,
    start: Growth,
    on_progress: Callable[[str, float], None],
) -> Tuning:
    """Try settings until the budget is used up, beginning with ``start``; bad ones are left after the first folds."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    best: dict[str, Any] = {"loss": np.inf, "candidate": None}
    deadline = time.monotonic() + budget_seconds

    def objective(trial: optuna.Trial) -> float:
        spent = 1 - (deadline - time.monotonic()) / budget_seconds
        on_progress(f"tuning, trial {trial.number + 1}", min(1.0, spent))
        growth = _suggest(trial)
        loss, staged = _try(trial, sample, folds, growth)
        stage = int(np.argmin(loss))
        if loss[stage] < best["loss"]:
            best["loss"] = loss[stage]
            best["candidate"] = chosen_trees("tuned trees", staged[stage], growth, stages(growth)[stage])
        return float(loss[stage])

    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=sample.seed, n_startup_trials=_STARTUP),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTUP // 2),
    )
    study.enqueue_trial(_as_trial(start))
    study.optimize(objective, timeout=budget_seconds)
    return Tuning(best["candidate"], len(study.trials))


def _suggest(trial: "Trial") -> Growth:
    return Growth(
        leaves=trial.suggest_int("leaves", 2, 31, log=True),
        trees=_TREES,
        rate=trial.suggest_float("rate", 0.02, 0.1, log=True),
        least_leads=trial.suggest_int("least_leads", 10, 300, log=True),
        feature_share=trial.suggest_float("feature_share", 0.2, 1.0),
        l2=trial.suggest_float("l2", 0.1, 100.0, log=True),
    )


def _as_trial(growth: Growth) -> dict[str, Any]:
    return {name: value for name, value in growth.to_dict().items() if name != "trees"}


def _try(trial: "Trial", sample: Sample, folds: Sequence[Fold], growth: Growth) -> tuple[Floats, Floats]:
    """Mean log loss (stages,) and margins (stages, held-out rows); the newest fold first, it decides soonest."""
    import optuna

    parts: list[Floats] = [np.empty(0)] * len(folds)
    total, mass = np.zeros(len(stages(growth))), 0.0
    for step, number in enumerate(reversed(range(len(folds)))):
        fold = folds[number]
        parts[number] = fold_margins(sample, fold, growth)
        y, weight = sample.y[fold.held_out], fold.weight * sample.weight[fold.held_out]
        total += np.array([weight @ log_losses(y, logistic(margin)) for margin in parts[number]])
        mass += weight.sum()
        trial.report(float(total.min() / mass), step)
        if step < len(folds) - 1 and trial.should_prune():
            raise optuna.TrialPruned
    return total / mass, np.concatenate(parts, axis=1)
