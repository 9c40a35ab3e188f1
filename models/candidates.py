"""The candidates for the margin: what each says of held-out leads, and how it is fitted on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.feature import Feature
from features.records import Floats
from models.booster import Booster, average
from models.boosting import Growth, grow, staged_margins, stages
from models.calibration import logistic
from models.folds import Fold, Rows
from models.gain import log_losses
from models.logistic_fit import fit_logistic
from models.margin import Component

_BAGS = 4  # boosters of different seeds that are averaged at most; they draw other rows and features
_LEAVES = 4_500  # of all bags together: each costs time in every score and its reasons
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Sample:
    """n rows to learn from."""

    X: Floats
    y: Floats
    weight: Floats
    position: Rows
    features: tuple[Feature, ...]
    rows_per_lead: float
    seed: int
    half_life: float | None = None

    def learned(self, rows: Rows | None = None) -> tuple[Floats, Floats, Floats]:
        """X, y and weight of the rows (all for None) to learn from; older ones weigh less where there is a half-life.

        ``half_life`` is a share of the rows: with 0.5 the oldest row weighs a quarter of the newest.
        """
        chosen = np.arange(len(self.y)) if rows is None else rows
        weight = self.weight[chosen]
        if self.half_life is not None:
            rank = np.argsort(np.argsort(self.position[chosen], kind="stable"), kind="stable")
            decay = 0.5 ** ((len(chosen) - 1 - rank) / (len(chosen) * self.half_life))
            weight = weight * (decay / np.average(decay, weights=weight))
        return self.X[chosen], self.y[chosen], weight


@dataclass(frozen=True)
class Candidate:
    """One way to learn: its margins (n held-out rows) fold after fold, its settings, and how to fit it on a sample."""

    name: str
    margins: Floats
    settings: dict[str, Any]
    fit: Callable[[Sample], Component]
    trees: bool = True


def logistic_candidate(sample: Sample, folds: Sequence[Fold]) -> Candidate:
    """Logistic terms of the strength that has the least log loss on the held-out rows."""
    parts = []
    for fold in folds:
        fitted = fit_logistic(*sample.learned(fold.train), sample.features, STRENGTHS, sample.seed)
        parts.append(np.stack([terms.margin(sample.X[fold.held_out]) for terms in fitted]))
    paths = np.concatenate(parts, axis=1)
    best = int(np.argmin(_mean_losses(sample, folds, paths)))
    strength = STRENGTHS[best]

    def fit(whole: Sample) -> Component:
        return fit_logistic(*whole.learned(), whole.features, STRENGTHS[: best + 1], whole.seed)[-1]

    return Candidate("logistic", paths[best], {"strength": strength}, fit, trees=False)


def tree_candidate(name: str, sample: Sample, folds: Sequence[Fold], growth: Growth) -> Candidate:
    """Trees, as many as have the least log loss on the held-out rows."""
    parts = [fold_margins(sample, fold, growth) for fold in folds]
    staged = np.concatenate(parts, axis=1)
    best = int(np.argmin(_mean_losses(sample, folds, staged)))
    return chosen_trees(name, staged[best], growth, stages(growth)[best])


def chosen_trees(name: str, margins: Floats, growth: Growth, trees: int) -> Candidate:
    """The candidate that grows this number of trees."""
    chosen = Growth(**(growth.to_dict() | {"trees": trees}))

    def fit(whole: Sample) -> Component:
        bags = min(_BAGS, max(1, _LEAVES // (chosen.trees * chosen.leaves)))
        texts = [
            grow(*whole.learned(), whole.features, chosen, whole.seed + bag, whole.rows_per_lead).model_to_string()
            for bag in range(bags)
        ]
        return Booster(average(texts) if bags > 1 else texts[0])

    return Candidate(name, margins, chosen.to_dict(), fit)


def fold_margins(sample: Sample, fold: Fold, growth: Growth) -> Floats:
    """Margins (stages, held-out rows) of trees grown on the fold's training rows."""
    grown = grow(*sample.learned(fold.train), sample.features, growth, sample.seed, sample.rows_per_lead)
    return staged_margins(grown, sample.X[fold.held_out], growth)


def mean_loss(candidate: Candidate, sample: Sample, folds: Sequence[Fold]) -> float:
    """Log loss of a candidate on the held-out rows."""
    return float(_mean_losses(sample, folds, candidate.margins[None, :])[0])


def held_out_rows(folds: Sequence[Fold]) -> Rows:
    """Rows in the order of a candidate's margins."""
    return np.concatenate([fold.held_out for fold in folds])


def held_out_weight(sample: Sample, folds: Sequence[Fold]) -> Floats:
    """Weights of the rows in the order of a candidate's margins."""
    return np.concatenate([fold.weight * sample.weight[fold.held_out] for fold in folds])


def _mean_losses(sample: Sample, folds: Sequence[Fold], margins: Floats) -> Floats:
    rows = held_out_rows(folds)
    y, weight = sample.y[rows], held_out_weight(sample, folds)
    return np.array([np.average(log_losses(y, logistic(margin)), weights=weight) for margin in margins])
