"""The rows that a model learns from, and how they are folded to compare candidates."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.samples.folds import Fold, forward_folds, group_folds, held_out_rows, time_blocks
from models.samples.out_of_fold import OutOfFold
from models.samples.sample import Sample
from models.samples.training_rows import TrainingRows

_BLOCKS, _SKIPPED = 5, 2  # of the training part in order: the first two blocks are only learned from
_FOLDS = 5  # where nothing orders the rows


@dataclass(frozen=True)
class RowLimits:
    """Rows on which candidates are compared, and numbers in them; the chosen candidates learn from all rows."""

    min_rows: int = 10_000
    max_rows: int = 60_000
    max_numbers: int = 4_000_000


@dataclass(frozen=True)
class TrainingData:
    """A sample of n rows, which (n,) of them calibrate, and whether time orders them."""

    sample: Sample
    calibrate: NDArray[np.bool_]
    ordered: bool

    @classmethod
    def of(cls, rows: TrainingRows, seed: int) -> "TrainingData":
        """The rows of the splits ``train`` and ``calibrate``; raises ValueError where one of them has no label."""
        chosen = np.flatnonzero(np.isin(rows.split, ("train", "calibrate")))
        if np.isnan(np.asarray(rows.y, float)[chosen]).any():
            raise ValueError("a row to learn from has no label")
        sample = Sample(
            X=np.ascontiguousarray(rows.X[chosen], dtype=np.float64),
            y=np.asarray(rows.y, dtype=np.float64)[chosen],
            weight=np.asarray(rows.weight, dtype=np.float64)[chosen],
            lead=rows.lead[chosen],
            time_rank=np.asarray(rows.time_rank, dtype=np.int64)[chosen],
            features=tuple(rows.features),
            seed=seed,
            monotone=rows.monotone,
        )
        return cls(sample, rows.split[chosen] == "calibrate", rows.ordered)

    def with_half_life(self, half_life: float | None) -> "TrainingData":
        """The same rows, older ones to be learned with less weight."""
        return replace(self, sample=replace(self.sample, half_life=half_life))

    def sampled(self, limits: RowLimits) -> "TrainingData":
        """At most about ``max_rows`` training rows, fewer with many features: whole leads at random.

        In time order the calibrate part, which is only predicted, stays whole up to ``max_rows``.
        """
        fitting = limits.max_numbers // max(1, self.sample.X.shape[1])
        to_learn = max(limits.min_rows, min(limits.max_rows, fitting))
        if self.ordered:
            drawn = self._drawn(~self.calibrate, to_learn) | self._drawn(self.calibrate, limits.max_rows)
        else:
            drawn = self._drawn(np.ones_like(self.calibrate), to_learn)
        if drawn.all():
            return self
        rows = np.flatnonzero(drawn)
        return TrainingData(self.sample.rows(rows), self.calibrate[rows], self.ordered)

    def _drawn(self, part: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
        """Which rows (n,) of a part are in a draw of its leads with about ``count`` rows."""
        leads, lead = np.unique(self.sample.lead, return_inverse=True)
        drawn = np.random.default_rng(self.sample.seed).permutation(len(leads))
        share = count / max(1, int(np.count_nonzero(part)))
        chosen: NDArray[np.bool_] = part & (drawn[lead] < len(leads) * share)
        return chosen

    def folds(self) -> list[Fold]:
        """In time order folds within the training part, then the calibrate part predicted from all of it.

        Where nothing orders the leads the two parts are one, and every row is held out once.
        """
        if not self.ordered:
            return list(group_folds(self.sample.y, self.sample.lead, _FOLDS, self.sample.seed))
        train, last = (
            np.flatnonzero(~self.calibrate),
            Fold(np.flatnonzero(~self.calibrate), np.flatnonzero(self.calibrate)),
        )
        blocks = time_blocks(self.sample.time_rank[train], self.sample.lead[train], _BLOCKS)
        return [*(Fold(train[fold.train], train[fold.held_out]) for fold in forward_folds(blocks, _SKIPPED)), last]

    def out_of_fold(self) -> OutOfFold:
        """What is known of the held-out rows, in the order of a candidate's margins."""
        folds = self.folds()
        rows, sizes = held_out_rows(folds), [len(fold.held_out) for fold in folds]
        return OutOfFold(
            y=self.sample.y[rows],
            weight=self.sample.weight[rows],
            lead=self.sample.lead[rows],
            fold=np.repeat(np.arange(len(folds)), sizes),
            base=np.repeat([self.sample.rows(fold.train).time_weighted().base for fold in folds], sizes),
        )
