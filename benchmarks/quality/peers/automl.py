"""AutoML with a time budget."""

import tempfile
from typing import Any

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import frame
from benchmarks.quality.problem import Problem

TIME = "position"
ENOUGH_TO_STACK = 30  # seconds; with less, trying out whether to stack leaves no time to learn, and it fails


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
    """AutoGluon's best quality: bags of eight folds, stacked as far as the time goes."""
    return _autogluon(problem, effort, "best_quality")


def autogluon_newest(problem: Problem, effort: Effort) -> Answer:
    """The newest of its portfolios for processors; in ordered tasks it validates on blocks of time.

    Its extreme and noncommercial presets need weights of foundation models, which would be downloaded, and a GPU.
    """
    return _autogluon(problem, effort, "best_quality_v150", in_order=problem.ordered)


def _autogluon(problem: Problem, effort: Effort, preset: str, *, in_order: bool = False) -> Answer:
    """For log loss; it calibrates as it sees fit."""
    from autogluon.tabular import TabularPredictor

    given = frame(problem.X_train, problem.features).assign(won=problem.y_train.astype(int))
    asked = frame(problem.X_test, problem.features)
    settings = _in_order([str(name) for name in asked.columns]) if in_order else {}
    if effort.budget < ENOUGH_TO_STACK and preset != "medium_quality":
        settings |= {"dynamic_stacking": False, "num_stack_levels": 0}
    if in_order:
        given, asked = given.assign(**{TIME: problem.position}), asked.assign(**{TIME: problem.position.max() + 1})
    with tempfile.TemporaryDirectory() as directory:
        predictor = TabularPredictor("won", "binary", "log_loss", path=directory, verbosity=0)
        predictor.fit(
            given, time_limit=effort.budget, presets=preset, num_cpus=effort.threads, num_gpus=0, **settings
        )  # fmt: skip
        p = predictor.predict_proba(asked)[1].to_numpy()
        names = [str(name) for name in predictor.model_names()]
        return Answer(p, {"chosen": str(predictor.model_best), "models": names})


def _in_order(names: list[str]) -> dict[str, Any]:
    """Blocks of time as folds; the column that says the time is not a feature, as it is for nobody else."""
    from autogluon.features.generators import AutoMLPipelineFeatureGenerator

    return {
        "validation_structure": {"time_on": TIME},
        "feature_generator": AutoMLPipelineFeatureGenerator(features_in=names),
    }
