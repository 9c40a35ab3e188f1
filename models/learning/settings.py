"""How to learn: the budget, and everything that a learner could do otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.samples.sample import RowLimits
from models.trees.training import TreeParameters

STUMPS = TreeParameters(leaves=3)


def default_trees() -> dict[str, TreeParameters]:
    """The kinds of trees that are compared; the most useful first: a small budget may not reach the last."""
    return {
        "trees": TreeParameters(leaves=7),
        "stumps": STUMPS,
        "one-hot trees": TreeParameters(leaves=7, encoding="one_hot"),
        "target trees": TreeParameters(leaves=7, encoding="target"),
        "deep trees": TreeParameters(leaves=15, trees=500, rate=0.03),
        "deep one-hot trees": TreeParameters(leaves=15, trees=500, rate=0.03, feature_share=0.4, encoding="one_hot"),
        "trees on the linear model": TreeParameters(leaves=7, offset=True),
    }


@dataclass(frozen=True)
class LearnerSettings:
    """Optuna tunes the trees until about ``budget_seconds`` have passed, or for exactly ``trials`` trials.

    With a number of trials, and with a budget of 0, which tunes nothing, the same rows and seed give the same model.

    Below ``min_leads`` won or lost leads there is nothing to learn from, and below ``min_leads_for_trees`` trees find
    more noise than signal. ``C`` are the inverse penalties of the linear model, the strongest first. A ``half_life``, a
    share of the training rows in time order, is taken where ``stumps`` gain by more than ``half_life_z`` standard
    errors. After ``late`` of the budget no further kind of ``trees`` is begun. As every tree costs time and memory in
    each score, a model has no more leaves than it has seen leads, within ``min_leaves`` and ``max_leaves``, and trees
    of at most ``max_bags`` seeds are averaged.
    """

    seed: int = 0
    budget_seconds: float = 0.0
    trials: int | None = None
    min_leads: int = 40
    min_leads_for_trees: int = 300
    rows: RowLimits = field(default_factory=RowLimits)
    C: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    trees: Mapping[str, TreeParameters] = field(default_factory=default_trees)
    stumps: TreeParameters = STUMPS
    half_lives: tuple[float, ...] = (0.5, 0.25)
    half_life_z: float = 1.282  # one-sided 90 %
    late: float = 0.6
    min_leaves: int = 12_000
    max_leaves: int = 20_000
    max_bags: int = 4
