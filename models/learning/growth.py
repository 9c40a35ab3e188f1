"""Growing trees on every fold at once until more of them do not help, or until a rival is plainly better."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any

import numpy as np

from data_contracts.threads import each_of
from features.arrays import Floats
from models.learning.level import without_level
from models.log_odds import expit, log_losses
from models.logistic.component import LogisticTerms
from models.samples.folds import Fold, held_out_rows
from models.samples.gain import measure_gain
from models.samples.sample import Sample
from models.trees.binned import BinnedSample, Codes
from models.trees.symmetric import PooledSample
from models.trees.training import STAGE, Shape, TreeParameters, growing_trees, prepared

PROBED = 2  # folds, the newest, on which a setting has to show that it is worth the others
_PATIENCE = 4  # stages without a new least loss after which trees stop growing
_WORTH = 5e-5  # of log loss: what trees must gain to be worth their leaves
_HOPELESS = -2.0  # standard errors of the gain over a rival
_FAIR = 6  # stages that trees may grow before they are compared with a rival


@dataclass(frozen=True)
class _FoldBins:
    """One fold: its training rows in bins, and its held-out rows as trees over these bins read them."""

    learned: Sample
    binned: BinnedSample | PooledSample
    X: Any
    offset: Floats | float


@dataclass
class FoldedSample:
    """A sample with its folds; training rows are put into bins once for all settings that see the same codes.

    ``linear`` are the logistic terms of each fold, on which trees may be grown.
    """

    sample: Sample
    folds: Sequence[Fold]
    linear: Sequence[LogisticTerms] = ()
    _bins: dict[tuple[int, Shape, Codes, bool], _FoldBins] = field(default_factory=dict, repr=False)

    def held(self, numbers: Sequence[int]) -> Sample:
        """The held-out rows of these folds."""
        return self.sample.rows(held_out_rows([self.folds[number] for number in numbers]))

    def losses(self, margins: Floats, numbers: Sequence[int]) -> Floats:
        """The log loss (n,) that margins (n,) of the held-out rows of these folds have.

        In time order each fold gets the intercept that suits it best: the base rate, which moves, takes no part.
        """
        folds = [self.folds[number] for number in numbers]
        rows = held_out_rows(folds)
        y = self.sample.y[rows]
        if self.sample.ordered:
            fold = np.repeat(numbers, [len(fold.held_out) for fold in folds])
            margins = without_level(margins, y, self.sample.weight[rows], fold)
        return log_losses(y, expit(margins))

    def newest(self, margins: Floats) -> Floats:
        """The margins of the rows of the newest folds, which ``Growth.probe`` looks at, of those (n,) of all folds."""
        rows = sum(len(fold.held_out) for fold in self.folds[-PROBED:])
        return margins[-rows:]

    def bins(self, number: int, parameters: TreeParameters) -> _FoldBins:
        """A fold as these trees see it."""
        on_terms = parameters.offset and bool(self.linear)
        key = number, parameters.shape, parameters.codes, on_terms
        if key not in self._bins:
            self._bins[key] = self._binned(self.folds[number], parameters, self.linear[number] if on_terms else None)
        return self._bins[key]

    def _binned(self, fold: Fold, parameters: TreeParameters, terms: LogisticTerms | None) -> _FoldBins:
        learned, X = self.sample.rows(fold.train).time_weighted(), self.sample.X[fold.held_out]
        binned = prepared(learned, parameters, self.sample.seed, terms.margin(learned.X) if terms else None)
        return _FoldBins(learned, binned, binned.encode(X), terms.margin(X) if terms else 0.0)


@dataclass(frozen=True)
class Grown:
    """As many trees as are worth their leaves, and the held-out margins (n,) they give, fold after fold."""

    trees: int
    margins: Floats
    loss: float


class _FoldTrees:
    """Trees on the training rows of one fold, and the margins of its held-out rows after each stage."""

    def __init__(self, bins: _FoldBins, parameters: TreeParameters, seed: int) -> None:
        self._bins = bins
        self._growing = growing_trees(bins.binned, bins.learned, parameters, seed)
        self.margins: list[Floats] = []

    def grow_to(self, stages: int) -> None:
        while len(self.margins) < stages:
            self._growing.grow(STAGE)
            before = self.margins[-1] if self.margins else self._bins.offset
            self.margins.append(before + self._growing.added(self._bins.X))


@dataclass
class Growth:
    """Trees of one setting on the folds of a sample."""

    folded: FoldedSample
    parameters: TreeParameters
    _trees: dict[int, _FoldTrees] = field(default_factory=dict)

    def probe(self, rival: Floats | None = None) -> Grown | None:
        """On the newest folds only; None where the ``rival``, margins (n,) of their rows, is plainly better."""
        count = len(self.folded.folds)
        return self._until_enough(range(max(0, count - PROBED), count), rival)

    def complete(self) -> Grown:
        """On all folds."""
        grown = self._until_enough(range(len(self.folded.folds)), None)
        assert grown is not None
        return grown

    def _until_enough(self, numbers: Sequence[int], rival: Floats | None) -> Grown | None:
        held = self.folded.held(numbers)
        trees = each_of(self._fold_trees, numbers)
        losses: list[float] = []
        rival_losses = None if rival is None else self.folded.losses(rival, numbers)
        stages = max(1, self.parameters.trees // STAGE)
        while len(losses) < stages and len(losses) - int(np.argmin(losses or [0])) <= _PATIENCE:
            stage = len(losses) + 1
            each_of(methodcaller("grow_to", stage), trees)
            margins = np.concatenate([each.margins[stage - 1] for each in trees])
            each_loss = self.folded.losses(margins, numbers)
            losses.append(float(np.average(each_loss, weights=held.weight)))
            if rival_losses is not None and len(losses) >= _FAIR and _too_slow(losses, rival_losses - each_loss, held):
                return None
        enough = int(np.argmax(np.array(losses) <= min(losses) + _WORTH))
        margins = np.concatenate([each.margins[enough] for each in trees])
        if rival_losses is not None and _z(rival_losses - self.folded.losses(margins, numbers), held) < _HOPELESS:
            return None
        return Grown((enough + 1) * STAGE, margins, losses[enough])

    def _fold_trees(self, number: int) -> _FoldTrees:
        if number not in self._trees:
            bins = self.folded.bins(number, self.parameters)
            self._trees[number] = _FoldTrees(bins, self.parameters, self.folded.sample.seed)
        return self._trees[number]


def _too_slow(losses: Sequence[float], gained: Floats, held: Sample) -> bool:
    """Whether trees that are plainly worse than the rival would need more than twice as many stages to reach it.

    ``gained`` (n,) is what they gain over it on each held-out row.
    """
    behind = -float(np.average(gained, weights=held.weight))
    pace = (losses[-1 - _FAIR // 2] - losses[-1]) / (_FAIR // 2)
    return behind > pace * len(losses) and _z(gained, held) < _HOPELESS


def _z(gained: Floats, held: Sample) -> float:
    """The mean of what is gained (n,), in standard errors."""
    return measure_gain(gained, held.weight, held.lead).z
