"""The candidates for the margin: what each says of held-out leads, and how it is fitted on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.feature import Feature
from features.records import Floats
from models.booster import Booster
from models.boosting import Growth, grow, staged_margins, stages
from models.calibration import logistic
from models.folds import Fold
from models.gain import log_losses
from models.logistic_fit import fit_logistic
from models.margin import Component

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Sample:
    """n rows to learn from."""

    X: Floats
    y: Floats
    weight: Floats
    features: tuple[Feature, ...]
    rows_per_lead: float
    seed: int

    def rows(self, index: Any) -> tuple[Floats, Floats, Floats]:
        """X, y and weight of some rows."""
        return self.X[index], self.y[index], self.weight[index]


@dataclass(frozen=True)
class Candidate:
    """One way to learn: its margins (n held-out rows) fold after fold, its settings, and how to fit it on a sample."""

    name: str
    margins: Floats
    settings: dict[str, Any]
    fit: Callable[[Sample], Component]


def logistic_candidate(sample: Sample, folds: Sequence[Fold]) -> Candidate:
    """Logistic terms of the strength that has the least log loss on the held-out rows."""
    parts = []
    for fold in folds:
        fitted = fit_logistic(*sample.rows(fold.train), sample.features, STRENGTHS, sample.seed)
        parts.append(np.stack([terms.margin(sample.X[fold.held_out]) for terms in fitted]))
    paths = np.concatenate(parts, axis=1)
    best = int(np.argmin(_mean_losses(sample, folds, paths)))
    strength = STRENGTHS[best]

    def fit(whole: Sample) -> Component:
        return fit_logistic(whole.X, whole.y, whole.weight, whole.features, STRENGTHS[: best + 1], whole.seed)[-1]

    return Candidate("logistic", paths[best], {"strength": strength}, fit)


def tree_candidate(name: str, sample: Sample, folds: Sequence[Fold], growth: Growth) -> Candidate:
    """Trees, as many as have the least log loss on the held-out rows."""
    parts = [fold_margins(sample, fold, growth) for fold in folds]
    staged = np.concatenate(parts, axis=1)
    losses = _mean_losses(sample, folds, staged)
    best = int(np.argmin(losses))
    return chosen_trees(name, staged[best], growth, stages(growth)[best])


def chosen_trees(name: str, margins: Floats, growth: Growth, trees: int) -> Candidate:
    """The candidate that grows this number of trees."""
    chosen = Growth(**(growth.to_dict() | {"trees": trees}))

    def fit(whole: Sample) -> Component:
        grown = grow(whole.X, whole.y, whole.weight, whole.features, chosen, whole.seed, whole.rows_per_lead)
        return Booster(grown.model_to_string())

    return Candidate(name, margins, chosen.to_dict(), fit)


def fold_margins(sample: Sample, fold: Fold, growth: Growth) -> Floats:
    """Margins (stages, held-out rows) of trees grown on the fold's training rows."""
    grown = grow(*sample.rows(fold.train), sample.features, growth, sample.seed, sample.rows_per_lead)
    return staged_margins(grown, sample.X[fold.held_out], growth)


def held_out_rows(folds: Sequence[Fold]) -> Any:
    """Rows in the order of a candidate's margins."""
    return np.concatenate([fold.held_out for fold in folds])


def held_out_weight(sample: Sample, folds: Sequence[Fold]) -> Floats:
    """Weights of the rows in the order of a candidate's margins."""
    return np.concatenate([fold.weight * sample.weight[fold.held_out] for fold in folds])


def _mean_losses(sample: Sample, folds: Sequence[Fold], margins: Floats) -> Floats:
    rows = held_out_rows(folds)
    y, weight = sample.y[rows], held_out_weight(sample, folds)
    return np.array([np.average(log_losses(y, logistic(margin)), weights=weight) for margin in margins])
