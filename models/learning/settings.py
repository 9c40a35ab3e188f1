"""How to learn: the budget, and everything that a learner could do otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.samples.sample import RowLimits
from models.trees.training import TreeParameters

STUMPS = TreeParameters(leaves=3)


def default_trees() -> dict[str, TreeParameters]:
    """Trees of several capacities; the most useful first: a small budget may not reach the last."""
    return {
        "trees": TreeParameters(leaves=31, min_leads=20, feature_share=0.4),
        "deep trees": TreeParameters(leaves=127, rate=0.04, min_leads=5, feature_share=0.3, l2=1.0),
        "symmetric trees": TreeParameters(leaves=8, l2=3.0, feature_share=0.5, shape="symmetric"),
        "deep symmetric trees": TreeParameters(leaves=64, l2=3.0, feature_share=0.5, shape="symmetric"),
        "small trees": TreeParameters(leaves=7),
        "stumps": STUMPS,
    }


def default_variants() -> dict[str, dict[str, Any]]:
    """What is tried otherwise with the best of the capacities."""
    return {
        "one-hot trees": {"encoding": "one_hot"},
        "target trees": {"encoding": "target"},
        "trees on the linear model": {"offset": True},
    }


@dataclass(frozen=True)
class LearnerSettings:
    """Optuna tunes the trees until about ``budget_seconds`` have passed, or for exactly ``trials`` trials.

    With a number of trials, and with a budget of 0, which tunes nothing, the same rows and seed give the same model.

    Below ``min_leads`` won or lost leads there is nothing to learn from. With fewer than ``min_leads_in_time`` in all,
    folds in time order would leave too few to learn from, so leads are folded at random. ``C`` are the inverse
    penalties of the linear model, the strongest first. A ``half_life``, a share of the training rows in time order, is
    taken where ``stumps`` gain by more than ``half_life_z`` standard errors. After ``late`` of the budget no further
    kind of ``trees`` or ``variants`` is begun; with ``reject_hopeless`` one that is plainly worse than the best on the
    newest folds is left. Symmetric trees, which gain most where leads are few, take ten times as long, and are not
    tried on more than ``max_symmetric_rows``. As every tree costs time and memory in each score, a model has no more
    than ``leaves_per_lead`` for each lead it has seen, within ``min_leaves`` and ``max_leaves``; kinds that bring it
    above ``free_leaves`` have to gain ``worth_of_leaf`` in held-out log loss with each of theirs. Trees of at most
    ``max_bags`` seeds are averaged.
    """

    seed: int = 0
    budget_seconds: float = 0.0
    trials: int | None = None
    min_leads: int = 5
    min_leads_in_time: int = 1_000
    rows: RowLimits = field(default_factory=RowLimits)
    C: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    trees: Mapping[str, TreeParameters] = field(default_factory=default_trees)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=default_variants)
    stumps: TreeParameters = STUMPS
    half_lives: tuple[float, ...] = (0.5, 0.25)
    half_life_z: float = 1.282  # one-sided 90 %
    late: float = 0.6
    reject_hopeless: bool = True
    max_symmetric_rows: int = 20_000
    leaves_per_lead: float = 3.0
    min_leaves: int = 40_000
    max_leaves: int = 120_000
    free_leaves: int = 12_000
    worth_of_leaf: float = 1e-8
    max_bags: int = 2

    def most_leaves(self, leads: int) -> int:
        """How many leaves a model of so many leads may hold."""
        return int(min(max(self.leaves_per_lead * leads, self.min_leaves), self.max_leaves))
