"""whylead as a contender: the one place that calls the learner."""

import numpy as np

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.problem import Problem
from data_contracts.errors import DataFallsShort
from models.learning.learner import learn
from models.learning.settings import LearnerSettings
from models.samples.training_rows import TrainingRows


def whylead(problem: Problem, effort: Effort) -> Answer:
    """What ``whylead train`` learns from the same rows, with the budget of the effort.

    Where they are too few for it, whoever ranks leads is left with the base rate.
    """
    rows = TrainingRows(
        problem.X_train,
        problem.y_train,
        weight=problem.weight,
        lead=problem.group,
        time_rank=problem.position,
        split=problem.part,
        features=problem.features,
        ordered=problem.ordered,
    )
    try:
        model = learn(rows, LearnerSettings(seed=effort.seed, budget_seconds=effort.budget))
    except DataFallsShort as refused:
        return _base_rate(problem, str(refused))
    margin = model.margin.margin(problem.X_test)
    p = model.calibrator.predict(margin)
    return Answer(p, {"learning": model.report}, *model.interval.predict(margin, p))


def _base_rate(problem: Problem, refused: str) -> Answer:
    """The share of the leads that was won, for everyone."""
    p = np.full(len(problem.X_test), np.average(problem.y_train, weights=problem.weight))
    return Answer(p, {"refused": refused}, p, p)
