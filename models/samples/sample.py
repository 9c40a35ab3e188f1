"""Rows to learn from, and how they are folded to compare candidates."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.arrays import Flags
from models.log_odds import logit
from models.samples.folds import Fold, Groups, OutOfFold, Rows, forward_folds, group_folds, held_out_rows, time_blocks
from models.samples.training_rows import TrainingRows

_BLOCKS, _SKIPPED = 5, 2  # of the split ``train`` in order: the first two blocks are only learned from
_FOLDS = 5  # where nothing orders the rows


@dataclass(frozen=True)
class RowLimits:
    """Rows on which candidates are compared, and numbers in them; the chosen candidates learn from all rows."""

    min_rows: int = 10_000
    max_rows: int = 60_000
    max_numbers: int = 4_000_000


@dataclass(frozen=True)
class Sample(TrainingRows):
    """Training rows that are all learned from, with the seed of whatever is drawn at random.

    ``half_life`` is a share of the rows: with 0.5 the oldest row is learned with a quarter of the newest row's weight.
    """

    seed: int = 0
    half_life: float | None = None

    @classmethod
    def of(cls, rows: TrainingRows, seed: int) -> "Sample":
        """The rows of the splits ``train`` and ``calibrate``; raises ValueError where one of them has no label."""
        sample = cls(**vars(rows), seed=seed).rows(np.flatnonzero(np.isin(rows.split, ("train", "calibrate"))))
        if np.isnan(sample.y).any():
            raise ValueError("a row to learn from has no label")
        return sample

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def rows_per_lead(self) -> float:
        """How many snapshots a lead has on average."""
        return len(self.y) / max(1, len(np.unique(self.lead)))

    @property
    def together(self) -> Groups:
        """What may not be in two folds (n,): leads, with their copies where there are any."""
        return self.lead if self.kept_together is None else self.kept_together

    @cached_property
    def categorical(self) -> tuple[int, ...]:
        """The columns of X that hold codes of categories."""
        return tuple(index for index, feature in enumerate(self.features) if feature.categories is not None)

    @property
    def calibrate(self) -> Flags:
        """Which rows (n,) are of the split ``calibrate``."""
        return np.asarray(self.split == "calibrate")

    @property
    def base(self) -> float:
        """The log-odds of the base rate, at most those of one in a million."""
        return float(logit(np.average(self.y, weights=self.weight)))

    def rows(self, chosen: Rows) -> "Sample":
        """Only these rows."""
        columns = ("X", "y", "weight", "lead", "time_rank", "split")
        together = None if self.kept_together is None else self.kept_together[chosen]
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns}, kept_together=together)

    def time_weighted(self) -> "Sample":
        """The same rows with the weights under which they are learned: older ones weigh less by the half-life."""
        if self.half_life is None:
            return self
        rank = np.argsort(np.argsort(self.time_rank, kind="stable"), kind="stable")
        decay = 0.5 ** ((len(self) - 1 - rank) / (len(self) * self.half_life))
        return replace(self, weight=self.weight * (decay / np.average(decay, weights=self.weight)), half_life=None)

    def sampled(self, limits: RowLimits) -> "Sample":
        """At most about ``max_rows`` training rows, fewer with many features: whole leads at random.

        In time order the split ``calibrate``, which is only predicted, stays whole up to ``max_rows``.
        """
        fitting = limits.max_numbers // max(1, self.X.shape[1])
        to_learn = max(limits.min_rows, min(limits.max_rows, fitting))
        if self.ordered:
            drawn = self._drawn(~self.calibrate, to_learn) | self._drawn(self.calibrate, limits.max_rows)
        else:
            drawn = self._drawn(np.ones(len(self), dtype=np.bool_), to_learn)
        return self if drawn.all() else self.rows(np.flatnonzero(drawn))

    def _drawn(self, eligible: Flags, count: int) -> Flags:
        """Which of the eligible rows (n,) are in a draw of their leads with about ``count`` rows."""
        leads, lead = np.unique(self.lead, return_inverse=True)
        drawn = np.random.default_rng(self.seed).permutation(len(leads))
        share = count / max(1, int(np.count_nonzero(eligible)))
        chosen: Flags = eligible & (drawn[lead] < len(leads) * share)
        return chosen

    def folds(self) -> list[Fold]:
        """In time order folds within the split ``train``, then ``calibrate`` predicted from all of it.

        Where nothing orders the leads the two splits are one, and every row is held out once.
        """
        group = self.together
        if not self.ordered:
            return list(group_folds(self.y, group, _FOLDS, self.seed))
        train = np.flatnonzero(~self.calibrate)
        blocks = [train[block] for block in time_blocks(self.time_rank[train], group[train], _BLOCKS)]
        return [*forward_folds(blocks, _SKIPPED), Fold(train, np.flatnonzero(self.calibrate))]

    def out_of_fold(self) -> OutOfFold:
        """What is known of the held-out rows, in the order of a candidate's margins."""
        folds = self.folds()
        rows, sizes = held_out_rows(folds), [len(fold.held_out) for fold in folds]
        return OutOfFold(
            y=self.y[rows],
            weight=self.weight[rows],
            lead=self.lead[rows],
            fold=np.repeat(np.arange(len(folds)), sizes),
            base=np.repeat([self.rows(fold.train).time_weighted().base for fold in folds], sizes),
        )
