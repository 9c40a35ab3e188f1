from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.samples.folds import held_out_rows
from models.samples.sample import RowLimits, Sample
from tests.models.problems import FEATURES, matrix, problem, sample


def drawn(rows: int, seed: int = 0, half_life: float | None = None) -> Sample:
    """Rows of some leads with unequal weights, in an order of time that is not that of the rows."""
    random = np.random.default_rng([seed, rows])
    return sample(
        matrix(rows, seed),
        (random.random(rows) < 0.3).astype(float),
        weight=random.uniform(0.1, 1.0, rows),
        lead=random.integers(0, rows // 2 + 1, rows),
        time_rank=random.permutation(rows) * 7 - 3,
        monotone=(1, -1, *(0,) * 6),
        half_life=half_life,
    )


def test_columns_of_categories_are_known_by_their_features() -> None:
    assert drawn(5).categorical == (6, 7)
    assert [FEATURES[column].name for column in drawn(5).categorical] == ["channel", "industry"]


@pytest.mark.parametrize(("snapshots", "leads"), [(1, 6), (4, 5), (3, 1)])
def test_rows_per_lead_are_counted(snapshots: int, leads: int) -> None:
    rows = snapshots * leads
    group = np.tile([f"lead {k}" for k in range(leads)], snapshots)
    assert sample(matrix(rows), np.zeros(rows), lead=group).rows_per_lead == snapshots


def test_chosen_rows_keep_everything_that_belongs_to_them() -> None:
    whole, chosen = drawn(40, half_life=0.5), np.array([7, 3, 39])
    part = whole.rows(chosen)
    assert len(part) == 3
    for name in ("X", "y", "weight", "lead", "time_rank"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[chosen])
    for name in ("features", "seed", "monotone", "half_life"):
        assert getattr(part, name) == getattr(whole, name)


def test_without_a_half_life_no_weight_changes() -> None:
    whole = drawn(40)
    assert whole.time_weighted() is whole


@given(st.integers(2, 60), st.integers(0, 1000), st.floats(0.05, 5.0))
@settings(max_examples=60, deadline=None)
def test_older_rows_weigh_less_by_the_half_life_and_all_together_the_same(
    rows: int, seed: int, half_life: float
) -> None:
    whole = drawn(rows, seed, half_life)
    aged = whole.time_weighted()
    assert aged.half_life is None
    assert aged.weight.sum() == pytest.approx(whole.weight.sum())
    decay = (aged.weight / whole.weight)[np.argsort(whole.time_rank)]
    np.testing.assert_allclose(decay[1:] / decay[:-1], 0.5 ** (-1 / (rows * half_life)))


def test_the_rank_counts_for_age_not_the_distance_in_time() -> None:
    even = drawn(40, half_life=0.5)
    far = sample(even.X, even.y, weight=even.weight, time_rank=even.time_rank**3, half_life=0.5)
    np.testing.assert_array_equal(even.time_weighted().weight, far.time_weighted().weight)


def test_the_base_is_the_log_odds_of_the_weighted_rate() -> None:
    whole = sample(matrix(3), np.array([1.0, 0.0, 0.0]), weight=np.array([2.0, 1.0, 1.0]))
    assert whole.base == pytest.approx(0.0)
    assert sample(matrix(4), np.array([1.0, 0.0, 0.0, 0.0])).base == pytest.approx(np.log(1 / 3))


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_the_base_of_one_outcome_alone_is_that_of_one_in_a_million(outcome: float) -> None:
    base = sample(matrix(5), np.full(5, outcome)).base
    assert base == pytest.approx((2 * outcome - 1) * np.log(1e6 - 1))


@pytest.mark.parametrize("ordered", [False, True])
def test_a_lead_is_never_learned_from_and_held_out(ordered: bool) -> None:
    whole = problem(300, snapshots=4).sample(ordered=ordered)
    folds = whole.folds()
    assert len(folds) == (4 if ordered else 5)
    for fold in folds:
        assert len(fold.train) > 0
        assert len(np.intersect1d(whole.lead[fold.train], whole.lead[fold.held_out])) == 0


def test_in_time_order_each_row_is_held_out_once_at_most_and_the_calibrate_part_last() -> None:
    whole = problem(300, snapshots=2).sample(ordered=True)
    folds = whole.folds()
    held = np.concatenate([fold.held_out for fold in folds])
    assert len(np.unique(held)) == len(held)
    np.testing.assert_array_equal(folds[-1].held_out, np.flatnonzero(whole.calibrate))
    np.testing.assert_array_equal(folds[-1].train, np.flatnonzero(~whole.calibrate))


def test_without_an_order_each_row_is_held_out_once_and_learned_from_in_all_other_folds() -> None:
    whole = problem(300, snapshots=2).sample(ordered=False)
    every = np.arange(len(whole))
    np.testing.assert_array_equal(np.sort(held_out_rows(whole.folds())), every)
    for fold in whole.folds():
        np.testing.assert_array_equal(np.sort(np.concatenate([fold.train, fold.held_out])), every)
        assert 0 < whole.calibrate[fold.held_out].sum() < whole.calibrate.sum()


def test_in_time_order_only_the_past_is_learned_from() -> None:
    whole = problem(300, snapshots=2).sample(ordered=True)
    position, folds = whole.time_rank, whole.folds()
    assert all(position[fold.train].max() < position[fold.held_out].min() for fold in folds)


def test_only_the_parts_to_learn_from_are_taken() -> None:
    case = problem(300)
    whole = case.sample(ordered=True)
    np.testing.assert_array_equal(whole.lead, case.lead[case.split != "test"])
    assert whole.calibrate.sum() == (case.split == "calibrate").sum()


def test_a_row_without_a_label_is_refused() -> None:
    case = problem(300)
    case.y[5] = np.nan
    with pytest.raises(ValueError, match="a row to learn from has no label"):
        case.sample(ordered=True)


def test_a_test_row_needs_no_label() -> None:
    case = problem(300)
    case.y[case.split == "test"] = np.nan
    assert not np.isnan(case.sample(ordered=True).y).any()


def test_snapshots_of_a_lead_are_sampled_together() -> None:
    limits = RowLimits(min_rows=400, max_rows=400)
    whole = problem(500, snapshots=3).sample(ordered=True)
    fewer = whole.sampled(limits)
    assert np.count_nonzero(~fewer.calibrate) == pytest.approx(400, abs=60)
    assert np.count_nonzero(fewer.calibrate) == np.count_nonzero(whole.calibrate) <= 400
    assert set(np.unique(fewer.lead, return_counts=True)[1]) == {3}
    kept = np.isin(whole.lead, fewer.lead)
    np.testing.assert_array_equal(fewer.X, whole.X[kept])
    np.testing.assert_array_equal(fewer.y, whole.y[kept])
    assert whole.sampled(limits).lead.tolist() == fewer.lead.tolist()


@pytest.mark.parametrize("half_life", [0.25, 0.5])
def test_older_leads_weigh_less_but_all_together_the_same(half_life: float) -> None:
    whole = problem(400).sample(ordered=True)
    even = whole.time_weighted().weight
    weight = replace(whole, half_life=half_life).time_weighted().weight
    assert weight.sum() == pytest.approx(even.sum())
    by_age = weight[np.argsort(whole.time_rank)]
    assert (np.diff(by_age) > 0).all()
    assert by_age[0] / by_age[-1] == pytest.approx(0.5 ** (1 / half_life), rel=0.05)


def test_the_base_of_a_fold_is_what_its_training_rows_say() -> None:
    whole = problem(400).sample(ordered=True)
    held = whole.out_of_fold()
    assert len(held.y) == sum(len(fold.held_out) for fold in whole.folds())
    for number, fold in enumerate(whole.folds()):
        rate = whole.y[fold.train].mean()
        np.testing.assert_allclose(held.base[held.fold == number], np.log(rate / (1 - rate)))


def test_under_a_half_life_the_base_of_a_fold_is_that_of_its_newest_rows() -> None:
    whole = problem(2_000, drift=6.0).sample(ordered=True)
    even, aged = whole.out_of_fold(), replace(whole, half_life=0.25).out_of_fold()
    assert (aged.base > even.base + 0.05).all()  # more and more leads are won
    np.testing.assert_array_equal(aged.weight, even.weight)


def test_held_out_rows_are_told_in_the_order_of_the_folds() -> None:
    whole = problem(300, snapshots=2).sample(ordered=True)
    held, rows = whole.out_of_fold(), held_out_rows(whole.folds())
    for told, known in [
        (held.y, whole.y),
        (held.weight, whole.weight),
        (held.lead, whole.lead),
    ]:
        np.testing.assert_array_equal(told, known[rows])
    assert (np.diff(held.fold) >= 0).all()


def test_a_half_life_and_a_draw_leave_the_signs_and_the_features() -> None:
    signs = (1, -1, *(0,) * 6)
    whole = replace(problem(300).sample(ordered=True, seed=3, monotone=signs), half_life=0.5)
    for each in (whole, whole.sampled(RowLimits())):
        assert (each.monotone, each.half_life, each.seed) == (signs, 0.5, 3)
        assert each.features == FEATURES
