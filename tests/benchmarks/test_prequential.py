from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.prequential import newest_part, prequential_cuts, recalibrated, time_blocks
from benchmarks.quality.tasks import cuts_of
from tests.benchmarks.small_company import small_company


def test_blocks_are_in_order_disjoint_and_of_whole_leads() -> None:
    random = np.random.default_rng(0)
    lead = random.permutation(np.repeat(np.arange(100), 3))
    position = random.permutation(300)
    block = time_blocks(lead, position, 20)
    first = {one: position[lead == one].min() for one in range(100)}
    for number in range(20):
        inside = np.unique(lead[block == number])
        assert inside.size == 5
        assert np.unique(block[np.isin(lead, inside)]).tolist() == [number]
        later = np.unique(lead[block > number])
        assert all(first[one] < first[other] for one in inside for other in later)


def test_the_newest_fifth_of_the_leads_calibrates() -> None:
    part = newest_part(np.array([7, 7, 3, 3, 5, 9, 1]), np.array([0, 6, 1, 2, 3, 4, 5]))
    assert part.tolist() == ["train", "train", "train", "train", "train", "train", "calibrate"]


@pytest.mark.parametrize("ages", [(0.0,), (0.0, 5.0, 12.0)])
def test_each_block_is_scored_from_earlier_ones_only(tmp_path: Path, ages: tuple[float, ...]) -> None:
    given = small_company(tmp_path, ages=ages)
    seen: set[int] = set()
    made = list(prequential_cuts(given))
    assert [cut.block.tolist() for cut in made] == [[number] * len(cut.y_test) for number, cut in enumerate(made, 6)]
    for cut in made:
        learned, tested = set(cut.problem.group.tolist()), set(cut.lead_test.tolist())
        assert not learned & tested
        assert seen <= learned
        first = {lead: given.position[given.labelled.snapshots.lead_index == lead].min() for lead in learned | tested}
        assert max(first[lead] for lead in learned) < min(first[lead] for lead in tested)
        seen = tested
    assert len({lead for cut in made for lead in cut.lead_test.tolist()}) == sum(
        len(set(cut.lead_test.tolist())) for cut in made
    )


def test_open_leads_are_in_no_block(tmp_path: Path) -> None:
    cut = list(prequential_cuts(small_company(tmp_path)))[-1]
    assert len(cut.problem.y_train) + len(cut.y_test) == 300 - 43
    assert set(np.concatenate([cut.problem.y_train, cut.y_test])) == {0.0, 1.0}


def test_training_at_every_fifth_block_tests_on_five(tmp_path: Path) -> None:
    every = list(cuts_of(small_company(tmp_path), "prequential", retrain_every=5))
    assert [np.unique(cut.block).tolist() for cut in every] == [list(range(at, at + 5)) for at in (6, 11, 16)]


def test_recalibration_leaves_the_first_block_and_sees_earlier_outcomes_only(tmp_path: Path) -> None:
    cut = next(iter(cuts_of(small_company(tmp_path), "prequential", retrain_every=5)))
    rows = cut.block
    p = np.full(rows.size, 0.2)
    won = replace(cut, y_test=np.ones(rows.size))
    revised = recalibrated(won, p)
    assert (revised[rows == 6] == 0.2).all()
    assert 0.2 < revised[rows == 7].max() < revised[rows == 10].min()
    changed = replace(won, y_test=np.where(rows >= 8, 0.0, 1.0))
    assert np.array_equal(recalibrated(changed, p)[rows <= 8], revised[rows <= 8])
    assert (recalibrated(changed, p)[rows == 9] < revised[rows == 9]).all()
