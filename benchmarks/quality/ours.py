"""whylead as a contender: the one place that calls the learner."""

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.problem import Problem
from models.learning.learner import learn
from models.learning.settings import LearnerSettings
from models.samples.training_rows import TrainingRows


def whylead(problem: Problem, effort: Effort) -> Answer:
    """What ``whylead train`` learns from the same rows, with the budget of the effort."""
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
    model = learn(rows, LearnerSettings(seed=effort.seed, budget_seconds=effort.budget))
    margin = model.margin.margin(problem.X_test)
    p = model.calibrator.predict(margin)
    return Answer(p, {"learning": model.report}, *model.interval.predict(margin, p))
