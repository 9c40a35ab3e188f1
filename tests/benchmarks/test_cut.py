from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.cut import make_cut
from benchmarks.quality.tasks import cuts_of
from tests.benchmarks.small_company import small_company


@pytest.mark.parametrize("how", ["random", "ordered", "prequential"])
@pytest.mark.parametrize("ages", [(0.0,), (0.0, 5.0)])
def test_no_lead_is_on_both_sides(tmp_path: Path, how: str, ages: tuple[float, ...]) -> None:
    for cut in cuts_of(small_company(tmp_path, ages=ages), how):  # type: ignore[arg-type]
        assert not np.isin(cut.lead_test, cut.problem.group).any()
        calibrates = cut.problem.part == "calibrate"
        assert not np.isin(cut.problem.group[calibrates], cut.problem.group[~calibrates]).any()
        assert 0.15 < calibrates.mean() < 0.25


def test_a_lead_on_both_sides_is_refused(tmp_path: Path) -> None:
    given = small_company(tmp_path, ages=(0.0, 5.0))
    rows = np.arange(100)
    with pytest.raises(ValueError, match="both learned from and tested on"):
        make_cut(given, rows[:51], np.full(51, "train"), rows[51:], ordered=True)


def test_features_come_from_the_rows_learned_from(tmp_path: Path) -> None:
    (cut,) = cuts_of(small_company(tmp_path), "ordered")
    (place,) = (at for at, each in enumerate(cut.problem.features) if each.name == "lead.plan")
    assert set(cut.problem.features[place].categories or ()) == {"basic", "large"}
    assert (cut.problem.X_test[-30:, place] == 2).all()


def test_the_ordered_cut_is_tested_on_the_last_fifth_in_order_of_time(tmp_path: Path) -> None:
    (cut,) = cuts_of(small_company(tmp_path), "ordered")
    assert len(cut.y_test) == np.ceil(257 * 0.2)
    assert (np.diff(cut.problem.position) > 0).all()
    assert cut.problem.position[cut.problem.part == "train"].max() < cut.problem.position[-1]
    assert cut.problem.ordered


def test_the_random_cut_is_scikit_learns(tmp_path: Path) -> None:
    from sklearn.model_selection import train_test_split

    given = small_company(tmp_path)
    (cut,) = cuts_of(given, "random")
    known = np.flatnonzero(~np.isnan(given.labelled.label))
    _, test = train_test_split(known, test_size=0.2, stratify=given.labelled.label[known], random_state=0)
    assert set(cut.lead_test.tolist()) == set(test.tolist())
    assert not cut.problem.ordered


def test_the_snapshots_of_a_lead_weigh_one_together(tmp_path: Path) -> None:
    (cut,) = cuts_of(small_company(tmp_path, ages=(0.0, 5.0)), "ordered")
    assert cut.problem.weight == pytest.approx(0.5)
