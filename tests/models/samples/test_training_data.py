import numpy as np
import pytest

from models.samples.folds import held_out_rows
from models.samples.training_data import RowLimits
from tests.models.problems import FEATURES, problem


@pytest.mark.parametrize("ordered", [False, True])
def test_a_lead_is_never_learned_from_and_held_out(ordered: bool) -> None:
    data = problem(300, snapshots=4).data(ordered=ordered)
    folds = data.folds()
    assert len(folds) == (4 if ordered else 5)
    for fold in folds:
        assert len(fold.train) > 0
        assert len(np.intersect1d(data.sample.lead[fold.train], data.sample.lead[fold.held_out])) == 0


def test_in_time_order_each_row_is_held_out_once_at_most_and_the_calibrate_part_last() -> None:
    data = problem(300, snapshots=2).data(ordered=True)
    folds = data.folds()
    held = np.concatenate([fold.held_out for fold in folds])
    assert len(np.unique(held)) == len(held)
    np.testing.assert_array_equal(folds[-1].held_out, np.flatnonzero(data.calibrate))
    np.testing.assert_array_equal(folds[-1].train, np.flatnonzero(~data.calibrate))


def test_without_an_order_each_row_is_held_out_once_and_learned_from_in_all_other_folds() -> None:
    data = problem(300, snapshots=2).data(ordered=False)
    every = np.arange(len(data.sample))
    np.testing.assert_array_equal(np.sort(held_out_rows(data.folds())), every)
    for fold in data.folds():
        np.testing.assert_array_equal(np.sort(np.concatenate([fold.train, fold.held_out])), every)
        assert 0 < data.calibrate[fold.held_out].sum() < data.calibrate.sum()


def test_in_time_order_only_the_past_is_learned_from() -> None:
    data = problem(300, snapshots=2).data(ordered=True)
    position, folds = data.sample.time_rank, data.folds()
    assert all(position[fold.train].max() < position[fold.held_out].min() for fold in folds)


def test_only_the_parts_to_learn_from_are_taken() -> None:
    case = problem(300)
    data = case.data(ordered=True)
    np.testing.assert_array_equal(data.sample.lead, case.lead[case.split != "test"])
    assert data.calibrate.sum() == (case.split == "calibrate").sum()


def test_a_row_without_a_label_is_refused() -> None:
    case = problem(300)
    case.y[5] = np.nan
    with pytest.raises(ValueError, match="a row to learn from has no label"):
        case.data(ordered=True)


def test_a_test_row_needs_no_label() -> None:
    case = problem(300)
    case.y[case.split == "test"] = np.nan
    assert not np.isnan(case.data(ordered=True).sample.y).any()


def test_snapshots_of_a_lead_are_sampled_together() -> None:
    limits = RowLimits(min_rows=400, max_rows=400)
    data = problem(500, snapshots=3).data(ordered=True)
    fewer = data.sampled(limits)
    assert np.count_nonzero(~fewer.calibrate) == pytest.approx(400, abs=60)
    assert np.count_nonzero(fewer.calibrate) == np.count_nonzero(data.calibrate) <= 400
    assert set(np.unique(fewer.sample.lead, return_counts=True)[1]) == {3}
    kept = np.isin(data.sample.lead, fewer.sample.lead)
    np.testing.assert_array_equal(fewer.sample.X, data.sample.X[kept])
    np.testing.assert_array_equal(fewer.sample.y, data.sample.y[kept])
    assert data.sampled(limits).sample.lead.tolist() == fewer.sample.lead.tolist()


@pytest.mark.parametrize("half_life", [0.25, 0.5])
def test_older_leads_weigh_less_but_all_together_the_same(half_life: float) -> None:
    data = problem(400).data(ordered=True)
    even = data.sample.time_weighted().weight
    weight = data.with_half_life(half_life).sample.time_weighted().weight
    assert weight.sum() == pytest.approx(even.sum())
    by_age = weight[np.argsort(data.sample.time_rank)]
    assert (np.diff(by_age) > 0).all()
    assert by_age[0] / by_age[-1] == pytest.approx(0.5 ** (1 / half_life), rel=0.05)


def test_the_base_of_a_fold_is_what_its_training_rows_say() -> None:
    data = problem(400).data(ordered=True)
    held = data.out_of_fold()
    assert len(held.y) == sum(len(fold.held_out) for fold in data.folds())
    for number, fold in enumerate(data.folds()):
        rate = data.sample.y[fold.train].mean()
        np.testing.assert_allclose(held.base[held.fold == number], np.log(rate / (1 - rate)))


def test_under_a_half_life_the_base_of_a_fold_is_that_of_its_newest_rows() -> None:
    data = problem(2_000, drift=6.0).data(ordered=True)
    even, aged = data.out_of_fold(), data.with_half_life(0.25).out_of_fold()
    assert (aged.base > even.base + 0.05).all()  # more and more leads are won
    np.testing.assert_array_equal(aged.weight, even.weight)


def test_held_out_rows_are_told_in_the_order_of_the_folds() -> None:
    data = problem(300, snapshots=2).data(ordered=True)
    held, rows = data.out_of_fold(), held_out_rows(data.folds())
    for told, known in [
        (held.y, data.sample.y),
        (held.weight, data.sample.weight),
        (held.lead, data.sample.lead),
    ]:
        np.testing.assert_array_equal(told, known[rows])
    assert (np.diff(held.fold) >= 0).all()


def test_a_half_life_and_a_draw_leave_the_signs_and_the_features() -> None:
    signs = (1, -1, *(0,) * 6)
    data = problem(300).data(ordered=True, seed=3, monotone=signs).with_half_life(0.5)
    for each in (data, data.sampled(RowLimits())):
        assert (each.sample.monotone, each.sample.half_life, each.sample.seed) == (signs, 0.5, 3)
        assert each.sample.features == FEATURES
