"""The rows that a model learns from, and how they are folded to compare candidates."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature
from models.samples.folds import Fold, Groups, Rows, forward_folds, group_folds, held_out_rows, time_blocks
from models.samples.out_of_fold import OutOfFold
from models.samples.sample import Sample

# Rows on which candidates are compared, and numbers in them; the chosen candidates learn from all rows.
FEWEST_ROWS, MOST_ROWS, MOST_NUMBERS = 10_000, 60_000, 4_000_000
_BLOCKS, _SKIPPED = 5, 2  # of the training part in order: the first two blocks are only learned from
_FOLDS = 5  # where nothing orders the rows


@dataclass(frozen=True)
class TrainingData:
    """A sample of n rows, which (n,) of them calibrate, and whether time orders them."""

    sample: Sample
    calibrate: NDArray[np.bool_]
    ordered: bool

    @classmethod
    def of(
        cls,
        X: Floats,
        y: Floats,
        weight: Floats,
        group: Groups,
        position: Rows,
        part: NDArray[np.str_],
        features: tuple[Feature, ...],
        seed: int,
        ordered: bool,
        monotone: tuple[int, ...] = (),
    ) -> "TrainingData":
        """The rows of the parts ``train`` and ``calibrate``; raises ValueError where one of them has no label."""
        rows = np.flatnonzero(np.isin(part, ("train", "calibrate")))
        if np.isnan(np.asarray(y, float)[rows]).any():
            raise ValueError("a row to learn from has no label")
        sample = Sample(
            X=np.ascontiguousarray(X[rows], dtype=np.float64),
            y=np.asarray(y, dtype=np.float64)[rows],
            weight=np.asarray(weight, dtype=np.float64)[rows],
            group=group[rows],
            position=np.asarray(position, dtype=np.int64)[rows],
            features=tuple(features),
            seed=seed,
            monotone=monotone,
        )
        return cls(sample, part[rows] == "calibrate", ordered)

    @property
    def group(self) -> Groups:
        """The lead (n,) of each row."""
        return self.sample.group

    def with_half_life(self, half_life: float | None) -> "TrainingData":
        """The same rows, older ones to be learned with less weight."""
        return replace(self, sample=replace(self.sample, half_life=half_life))

    def sampled(self) -> "TrainingData":
        """At most about MOST_ROWS training rows, fewer with many features: whole leads at random.

        In time order the calibrate part, which is only predicted, stays whole up to MOST_ROWS.
        """
        most = MOST_NUMBERS // max(1, self.sample.X.shape[1])
        to_learn = max(FEWEST_ROWS, min(MOST_ROWS, most))
        if self.ordered:
            drawn = self._drawn(~self.calibrate, to_learn) | self._drawn(self.calibrate, MOST_ROWS)
        else:
            drawn = self._drawn(np.ones_like(self.calibrate), to_learn)
        if drawn.all():
            return self
        rows = np.flatnonzero(drawn)
        return TrainingData(self.sample.rows(rows), self.calibrate[rows], self.ordered)

    def _drawn(self, part: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
        """Which rows (n,) of a part are in a draw of its leads with about ``most`` rows."""
        leads, lead = np.unique(self.group, return_inverse=True)
        drawn = np.random.default_rng(self.sample.seed).permutation(len(leads))
        share = most / max(1, int(np.count_nonzero(part)))
        chosen: NDArray[np.bool_] = part & (drawn[lead] < len(leads) * share)
        return chosen

    def folds(self) -> list[Fold]:
        """In time order folds within the training part, then the calibrate part predicted from all of it.

        Where nothing orders the leads the two parts are one, and every row is held out once.
        """
        if not self.ordered:
            return list(group_folds(self.sample.y, self.group, _FOLDS, self.sample.seed))
        train, last = (
            np.flatnonzero(~self.calibrate),
            Fold(np.flatnonzero(~self.calibrate), np.flatnonzero(self.calibrate)),
        )
        blocks = time_blocks(self.sample.position[train], self.group[train], _BLOCKS)
        return [*(Fold(train[fold.train], train[fold.held_out]) for fold in forward_folds(blocks, _SKIPPED)), last]

    def out_of_fold(self) -> OutOfFold:
        """What is known of the held-out rows, in the order of a candidate's margins."""
        folds = self.folds()
        rows, sizes = held_out_rows(folds), [len(fold.held_out) for fold in folds]
        return OutOfFold(
            y=self.sample.y[rows],
            weight=self.sample.weight[rows],
            group=self.group[rows],
            position=self.sample.position[rows],
            fold=np.repeat(np.arange(len(folds)), sizes),
            base=np.repeat([self.sample.rows(fold.train).aged().base for fold in folds], sizes),
        )
