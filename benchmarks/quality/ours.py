"""whylead as a contender: the one place that calls the learner."""

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.problem import Problem
from models.learning.learner import learn


def whylead(problem: Problem, effort: Effort) -> Answer:
    """What ``whylead train`` learns from the same rows, with the budget of the effort."""
    model = learn(
        problem.X_train,
        problem.y_train,
        weight=problem.weight,
        group=problem.group,
        position=problem.position,
        part=problem.part,
        features=problem.features,
        budget_seconds=effort.budget,
        seed=effort.seed,
        ordered=problem.ordered,
    )
    return Answer(model.probability(problem.X_test), {"learning": model.facts})
