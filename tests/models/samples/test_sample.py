import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.samples.sample import Sample
from tests.models.problems import FEATURES, matrix, sample


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
