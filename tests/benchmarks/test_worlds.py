import numpy as np
import pytest
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from benchmarks.quality.cut import Cut
from benchmarks.quality.worlds import WORLDS
from models.log_odds import log_losses

EACH = pytest.mark.parametrize("name", WORLDS)


def truth_of(cut: Cut) -> np.ndarray:
    assert cut.truth is not None
    return cut.truth


@EACH
def test_outcomes_come_true_as_often_as_the_truth_says(name: str) -> None:
    cut = WORLDS[name].cut()
    truth = truth_of(cut)
    for rows in np.array_split(np.argsort(truth, kind="stable"), 10):
        spread = np.sqrt((truth[rows] * (1 - truth[rows])).sum())
        assert abs(cut.y_test[rows].sum() - truth[rows].sum()) < 4 * spread


@EACH
def test_a_seed_gives_the_same_world_and_another_one_another(name: str) -> None:
    world = WORLDS[name]
    assert world.cut(3).problem.digest == world.cut(3).problem.digest
    assert world.cut(3).problem.digest != world.cut(4).problem.digest


@EACH
def test_the_last_fifth_is_tested_and_the_fifth_before_calibrates(name: str) -> None:
    cut, leads = WORLDS[name].cut(), WORLDS[name].leads
    assert len(cut.y_test) == len(truth_of(cut)) == len(cut.problem.X_test) == leads // 5
    assert (cut.problem.part == "calibrate").mean() == pytest.approx(0.2)
    assert cut.lead_test.min() > cut.problem.group.max()
    assert cut.problem.ordered == WORLDS[name].ordered


@EACH
def test_levels_that_are_rare_in_the_rows_to_learn_from_are_pooled(name: str) -> None:
    problem = WORLDS[name].cut().problem
    for place, feature in enumerate(problem.features):
        if feature.categories is not None:
            codes, counts = np.unique(problem.X_train[:, place], return_counts=True)
            assert counts[codes < len(feature.categories)].min() >= 10
            assert max(codes[-1], problem.X_test[:, place].max()) <= len(feature.categories) <= 1000


def test_the_truth_tells_more_in_some_worlds_than_in_others() -> None:
    areas = {name: roc_auc_score(cut.y_test, truth_of(cut)) for name, cut in ((n, w.cut()) for n, w in WORLDS.items())}
    assert areas["noise"] == 0.5
    assert areas["strong"] > 0.97
    assert all(0.7 < area < 0.95 for name, area in areas.items() if name not in ("noise", "strong"))


@pytest.mark.parametrize(("name", "sign"), [("falling", -1), ("rising", 1)])
def test_a_base_rate_moves_on_through_the_test_part(name: str, sign: int) -> None:
    cut = WORLDS[name].cut()
    quarters = [part.mean() for part in np.array_split(cut.problem.y_train, 4)]
    quarters += [part.mean() for part in np.array_split(logit(truth_of(cut)), 2)]
    assert (sign * np.diff(quarters[:4]) > 0).all()
    assert sign * (quarters[5] - quarters[4]) > 0.1
    assert (
        log_losses(cut.y_test, truth_of(cut)).mean()
        < log_losses(cut.y_test, np.full(len(cut.y_test), cut.problem.y_train.mean())).mean()
    )


def test_windows_of_histories_contain_each_other_and_agree_with_the_days_since() -> None:
    problem = WORLDS["histories"].cut().problem
    names = [each.name.removeprefix("lead.") for each in problem.features]
    for kind in range(12):
        windows = problem.X_train[:, [names.index(f"events_{kind}_{end}") for end in (7, 30, 90, 365, "all")]]
        since = problem.X_train[:, names.index(f"days_since_{kind}")]
        assert (np.diff(windows, axis=1) >= 0).all()
        assert np.array_equal(np.isnan(since), windows[:, -1] == 0)
        assert np.array_equal(since <= 7, windows[:, 0] > 0)
