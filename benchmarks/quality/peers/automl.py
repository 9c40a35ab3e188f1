"""AutoML with a time budget."""

import tempfile

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import frame
from benchmarks.quality.problem import Problem


def flaml(problem: Problem, effort: Effort) -> Answer:
    """FLAML with its own estimators and evaluation, for log loss."""
    from flaml import AutoML

    search = AutoML()
    search.fit(
        frame(problem.X_train, problem.features), problem.y_train.astype(int), task="classification",
        metric="log_loss", time_budget=effort.budget, n_jobs=effort.threads, seed=effort.seed, verbose=0,
    )  # fmt: skip
    p = search.predict_proba(frame(problem.X_test, problem.features))[:, 1]
    return Answer(p, {"chosen": search.best_estimator, "settings": search.best_config})


def autogluon(problem: Problem, effort: Effort) -> Answer:
    """AutoGluon with its own preset (medium quality: one holdout, no bags)."""
    return _autogluon(problem, effort, "medium_quality")


def autogluon_best(problem: Problem, effort: Effort) -> Answer:
    """AutoGluon with its strongest preset: bags of eight folds, stacked as far as the time goes."""
    return _autogluon(problem, effort, "best_quality")


def _autogluon(problem: Problem, effort: Effort, preset: str) -> Answer:
    """For log loss; it calibrates as it sees fit."""
    from autogluon.tabular import TabularPredictor

    given = frame(problem.X_train, problem.features).assign(won=problem.y_train.astype(int))
    with tempfile.TemporaryDirectory() as directory:
        predictor = TabularPredictor("won", "binary", "log_loss", path=directory, verbosity=0)
        predictor.fit(given, time_limit=effort.budget, presets=preset, num_cpus=effort.threads, num_gpus=0)
        p = predictor.predict_proba(frame(problem.X_test, problem.features))[1].to_numpy()
        names = [str(name) for name in predictor.model_names()]
        return Answer(p, {"chosen": str(predictor.model_best), "models": names})
