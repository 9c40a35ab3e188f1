import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.evaluation.curves import gains, lift_table, precision_at, reliability
from pipelines.evaluation.scored import Scored
from tests.pipelines.evaluation.synthetic import honest_leads


def _leads(outcome: list[float], probability: list[float]) -> Scored:
    n = len(outcome)
    return Scored(np.array(outcome), np.array(probability), np.ones(n), np.arange(n))


def test_honest_probabilities_lie_within_the_interval_of_what_is_observed() -> None:
    table = reliability(honest_leads(leads=20_000))
    inside = (table["low"] <= table["predicted"]) & (table["predicted"] <= table["high"])
    assert inside.sum() >= 9
    assert table["leads"].sum() == pytest.approx(20_000)


def test_equal_probabilities_share_a_bin_whatever_the_order() -> None:
    scored = _leads([1, 0, 0, 0, 1, 1], [0.2, 0.2, 0.2, 0.2, 0.9, 0.9])
    table = reliability(scored)
    assert table["predicted"].tolist() == pytest.approx([0.2, 0.9])
    assert table["observed"].tolist() == pytest.approx([0.25, 1.0])


def test_one_probability_for_all_finds_buyers_in_proportion() -> None:
    curve = gains(_leads([1, 0, 1, 0, 0], [0.4] * 5), replicates=20)
    assert np.allclose(curve.found, curve.contacted)


def test_perfect_order_finds_all_buyers_in_their_share_of_the_leads() -> None:
    curve = gains(_leads([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0.9, 0.8, *[0.1] * 8]), replicates=20)
    assert curve.at(0.2).value == pytest.approx(1.0)
    assert curve.lift_at(0.2).value == pytest.approx(5.0)


def test_precision_counts_buyers_among_the_best_leads() -> None:
    scored = _leads([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], np.linspace(0.9, 0.1, 10).tolist())
    assert precision_at(scored, 0.2).value == pytest.approx(0.5)
    assert precision_at(scored, 0.3).value == pytest.approx(2 / 3)
    assert precision_at(scored, 1.0).value == pytest.approx(0.2)


def test_the_band_of_the_gains_curve_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = gains(honest_leads(leads=100_000, ages=1, seed=99), replicates=2)
    curves = [gains(honest_leads(leads=1000, seed=seed), points=11, replicates=100).at(0.3) for seed in range(40)]
    assert np.mean([curve.low <= truth.at(0.3).value <= curve.high for curve in curves]) >= 0.85


def test_snapshots_of_one_lead_count_as_one_lead() -> None:
    once, thrice = honest_leads(ages=1), honest_leads(ages=3)
    assert np.allclose(gains(once, replicates=2).found, gains(thrice, replicates=2).found)
    assert gains(thrice, seed=3).at(0.1).low == pytest.approx(gains(once, seed=3).at(0.1).low)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.7])), min_size=3, max_size=40))
def test_tenths_add_up_to_all_buyers(rows: list[tuple[bool, float]]) -> None:
    rows = [*rows, (True, 0.5), (False, 0.1)]
    scored = _leads([float(won) for won, _ in rows], [p for _, p in rows])
    table = lift_table(scored, gains(scored, replicates=2))
    assert table["found"].sum() == pytest.approx(1.0)
    assert table["won_rate"].mean() == pytest.approx(scored.won_rate)
    assert table["found_so_far"].is_monotonic_increasing
