from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.samples.folds import Fold, forward_folds, group_folds, time_blocks

Leads = NDArray[np.int64]


def leads_of(seed: int, rows: int, leads: int) -> Leads:
    return np.random.default_rng(seed).integers(0, leads, rows)


def assert_apart(fold: Fold, group: Leads) -> None:
    assert not set(group[fold.train]) & set(group[fold.held_out])


seeds = st.integers(0, 10_000)


@given(seeds, st.integers(5, 80), st.integers(5, 40), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_random_folds_hold_out_every_row_once_and_tear_no_lead_apart(
    seed: int, rows: int, leads: int, count: int
) -> None:
    group = leads_of(seed, rows, leads)
    y = (np.random.default_rng(seed).random(leads) < 0.3).astype(float)[group]
    folds = list(group_folds(y, group, count, seed))
    assert len(folds) == count
    assert sorted(np.concatenate([fold.held_out for fold in folds]).tolist()) == list(range(rows))
    for fold in folds:
        assert_apart(fold, group)
        assert sorted([*fold.train, *fold.held_out]) == list(range(rows))


def test_random_folds_share_the_won_leads_evenly() -> None:
    y = np.zeros(100)
    y[:13] = 1
    won = [int(y[fold.held_out].sum()) for fold in group_folds(y, np.arange(100), 5, 0)]
    assert sorted(won) == [2, 2, 3, 3, 3]


def test_random_folds_depend_on_the_seed_alone() -> None:
    def first(seed: int) -> list[int]:
        fold = next(group_folds(np.tile([0.0, 1.0], 25), np.arange(50), 5, seed))
        return [int(row) for row in fold.held_out]

    assert first(4) == first(4)
    assert first(4) != first(5)


@given(seeds, st.integers(10, 80), st.integers(5, 40), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_blocks_hold_every_row_once_and_leads_in_the_order_of_their_oldest_row(
    seed: int, rows: int, leads: int, count: int
) -> None:
    group = leads_of(seed, rows, leads)
    position = np.random.default_rng(seed + 1).permutation(rows)
    blocks = time_blocks(position, group, count)
    assert sorted(np.concatenate(blocks).tolist()) == list(range(rows))
    oldest = {lead: position[group == lead].min() for lead in group}
    starts = [[oldest[lead] for lead in group[block]] for block in blocks if len(block)]
    assert all(max(older) < min(newer) for older, newer in pairwise(starts))
    sizes = [len(set(group[block])) for block in blocks]
    assert max(sizes) - min(sizes) <= 1


@given(seeds, st.integers(10, 80), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_forward_folds_never_learn_from_later_rows(seed: int, rows: int, skipped: int) -> None:
    position = np.random.default_rng(seed).permutation(rows)
    folds = list(forward_folds(time_blocks(position, np.arange(rows), 5), skipped))
    assert len(folds) == 5 - skipped
    for fold in folds:
        assert position[fold.train].max() < position[fold.held_out].min()


@given(seeds, st.integers(20, 80))
@settings(max_examples=60, deadline=None)
def test_forward_folds_learn_from_leads_that_came_before_and_tear_none_apart(seed: int, rows: int) -> None:
    group = leads_of(seed, rows, 15)
    position = np.random.default_rng(seed + 1).permutation(rows)
    for fold in forward_folds(time_blocks(position, group, 4), 1):
        assert_apart(fold, group)
        newest_start = max(position[group == lead].min() for lead in group[fold.train])
        assert newest_start < position[fold.held_out].min()
