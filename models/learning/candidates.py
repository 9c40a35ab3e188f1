"""The candidates for the margin: what each says of held-out leads, and how it is fitted on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data_contracts.threads import each_of
from features.arrays import Floats
from models.learning.growth import FoldedSample, Growth
from models.learning.settings import STUMPS
from models.logistic.component import LogisticTerms
from models.logistic.fitting import fit_logistic
from models.samples.folds import Fold
from models.samples.sample import Sample
from models.trees.booster import Booster
from models.trees.lightgbm_text import weighted_sum
from models.trees.training import TreeParameters, train_trees

FASTEST = 0.2  # the rate from which trees that may not grow on learn no faster


@dataclass(frozen=True)
class Fitted:
    """What a candidate is once it is fitted: a linear model, trees, or both, which add up to its margin."""

    linear: LogisticTerms | None = None
    trees: Booster | None = None


@dataclass(frozen=True)
class Candidate:
    """One way to learn: its margins (n held-out rows) fold after fold, its settings, and how to fit it on a sample.

    ``fit(sample, bags)`` averages ``bags`` boosters of different seeds, which draw other rows and features; ``leaves``
    is how many each of them has at most. ``usual`` is how much it counts beside others where few leads tell.
    """

    name: str
    margins: Floats
    settings: dict[str, Any]
    fit: Callable[[Sample, int], Fitted]
    leaves: int = 0
    usual: float = 1.0


@dataclass(frozen=True)
class LinearModel:
    """Logistic terms as a candidate, with those of each fold, on which trees may be trained."""

    candidate: Candidate
    terms: tuple[LogisticTerms, ...]
    fit: Callable[[Sample], LogisticTerms]


def linear_model(sample: Sample, folds: Sequence[Fold], C: Sequence[float]) -> LinearModel:
    """Logistic terms of the inverse penalty in ``C`` that has the least log loss on the held-out rows."""
    paths = each_of(lambda fold: _path(sample.rows(fold.train), C), folds)
    margins = np.concatenate(
        [
            np.stack([terms.margin(sample.X[fold.held_out]) for terms in path])
            for path, fold in zip(paths, folds, strict=True)
        ],
        axis=1,
    )
    best = int(np.argmin(_mean_losses(FoldedSample(sample, folds), margins)))

    def fit(whole: Sample) -> LogisticTerms:
        return _path(whole, C[: best + 1])[-1]

    candidate = Candidate("logistic", margins[best], {"strength": C[best]}, lambda whole, _: Fitted(fit(whole)))
    return LinearModel(candidate, tuple(path[best] for path in paths), fit)


def _path(sample: Sample, C: Sequence[float]) -> list[LogisticTerms]:
    learned = sample.time_weighted()
    return fit_logistic(learned.X, learned.y, learned.weight, learned.features, C, learned.seed, learned.monotone)


def tree_candidate(
    name: str,
    folded: FoldedSample,
    parameters: TreeParameters,
    linear: LinearModel | None = None,
    rival: Floats | None = None,
) -> Candidate | None:
    """Trees, as many as are worth it on the held-out rows; ``linear`` gives the offset.

    Where their loss still falls when there may be no more of them, they learn faster.

    None where they are plainly worse on the newest folds than the ``rival``, held-out margins (n,) of another one.
    """
    growth = Growth(folded, parameters)
    if rival is not None and growth.probe(folded.newest(rival)) is None:
        return None
    grown = growth.complete()
    while grown.trees >= parameters.trees and parameters.rate < FASTEST:
        faster = replace(parameters, rate=2 * parameters.rate)
        again = Growth(folded, faster).complete()
        if again.loss >= grown.loss:
            break
        parameters, grown = faster, again
    return chosen_trees(name, grown.margins, parameters, grown.trees, linear)


def chosen_trees(
    name: str, margins: Floats, parameters: TreeParameters, trees: int, linear: LinearModel | None = None
) -> Candidate:
    """The candidate that trains this number of trees."""
    chosen = replace(parameters, trees=trees)

    def fit(whole: Sample, bags: int) -> Fitted:
        terms = linear.fit(whole) if linear and chosen.offset else None
        offset = terms.margin(whole.X) if terms else None
        learned = whole.time_weighted()
        texts = each_of(
            lambda bag: train_trees(learned, chosen, whole.seed + bag, offset).model_to_string(), range(bags)
        )
        return Fitted(terms, Booster(weighted_sum(texts, [1 / bags] * bags)))

    return Candidate(name, margins, chosen.to_dict(), fit, chosen.trees * chosen.leaves, _usual(chosen))


def _usual(parameters: TreeParameters) -> float:
    """What hardly fits chance counts: symmetric trees, and stumps as much as logistic terms."""
    if parameters.shape == "symmetric":
        return 2.0
    return 1.0 if parameters.leaves <= STUMPS.leaves else 0.1


def _mean_losses(folded: FoldedSample, margins: Floats) -> Floats:
    numbers = range(len(folded.folds))
    weight = folded.held(numbers).weight
    return np.array([np.average(folded.losses(margin, numbers), weights=weight) for margin in margins])
