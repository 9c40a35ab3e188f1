import numpy as np
import pytest

from features.labels.base_rates import base_rates, row_blocks
from models.samples.folds import time_blocks

BLOCKS = 8


def test_base_rates_go_from_the_oldest_to_the_newest_leads() -> None:
    rows = 800
    position = np.random.default_rng(0).permutation(rows)
    y = (position % 100 < position // 100 * 10).astype(float)  # 0 %, 10 %, .. 70 % of each hundred
    rates = base_rates(y, time_blocks(position, np.arange(rows), BLOCKS))
    assert len(rates) == BLOCKS
    assert rates == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])


def test_a_lead_with_many_snapshots_counts_once() -> None:
    group = np.repeat(np.arange(80), np.where(np.arange(80) % 2, 9, 1))
    y = (group % 2).astype(float)
    weight = 1 / np.bincount(group)[group]
    assert base_rates(y, time_blocks(np.arange(len(group)), group, BLOCKS), weight) == pytest.approx([0.5] * BLOCKS)


@pytest.mark.parametrize(("rows", "sizes"), [(7, [3, 2, 2]), (2, [1, 1]), (0, [])])
def test_blocks_of_rows_are_of_one_size_and_never_empty(rows: int, sizes: list[int]) -> None:
    time_rank = np.random.default_rng(0).permutation(rows)
    blocks = row_blocks(time_rank, 3)
    assert [len(block) for block in blocks] == sizes
    assert [int(row) for block in blocks for row in time_rank[block]] == list(range(rows))
