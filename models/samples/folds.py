"""Folds: training rows and held-out rows, a lead always on one side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats

Groups: TypeAlias = NDArray[np.generic]
Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Row indices to learn from and to predict."""

    train: Rows
    held_out: Rows


@dataclass(frozen=True)
class OutOfFold:
    """n rows that were held out; ``base`` is the log-odds of the base rate that the ``fold`` (n,) knew."""

    y: Floats
    weight: Floats
    lead: Groups
    fold: Rows
    base: Floats


def group_folds(y: Floats, group: Groups, count: int, seed: int) -> Iterator[Fold]:
    """Random folds over leads, each with about the same share of won leads."""
    _, first, lead = np.unique(group, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(first))
    by_outcome = shuffled[np.argsort(y[first][shuffled], kind="stable")]
    fold_of_lead = np.empty(len(first), dtype=np.int64)
    fold_of_lead[by_outcome] = np.arange(len(first)) % count
    fold = fold_of_lead[lead]
    for number in range(count):
        yield Fold(np.flatnonzero(fold != number), np.flatnonzero(fold == number))


def time_blocks(time_rank: Rows, group: Groups, count: int) -> list[Rows]:
    """Rows in ``count`` blocks of about as many leads each, oldest first; a lead stays where its oldest row is."""
    _, lead = np.unique(group, return_inverse=True)
    oldest = np.full(lead.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(oldest, lead, time_rank)
    rank = np.empty(len(oldest), dtype=np.int64)
    rank[np.argsort(oldest, kind="stable")] = np.arange(len(oldest))
    block = rank[lead] * count // len(oldest)
    return [np.flatnonzero(block == number) for number in range(count)]


def forward_folds(blocks: list[Rows], skipped: int) -> Iterator[Fold]:
    """Each block after the first ``skipped``, predicted from all blocks before it."""
    for number in range(skipped, len(blocks)):
        yield Fold(np.sort(np.concatenate(blocks[:number])), blocks[number])


def held_out_rows(folds: Sequence[Fold]) -> Rows:
    """Rows in the order of a candidate's margins."""
    return np.concatenate([fold.held_out for fold in folds])
