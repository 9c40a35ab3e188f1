from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.gains import gains, lift, precision_at
from models.evaluation.scored import Scored
from tests.models.honest_leads import honest_leads


def _leads(outcome: list[float], probability: list[float]) -> Scored:
    return Scored.one_each(np.array(outcome, float), np.array(probability))


def test_one_probability_for_all_finds_buyers_in_proportion() -> None:
    curve = gains(_leads([1, 0, 1, 0, 0], [0.4] * 5))
    assert np.allclose(curve.found, curve.contacted)


def test_perfect_order_finds_all_buyers_in_their_share_of_the_leads() -> None:
    curve = gains(_leads([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0.9, 0.8, *[0.1] * 8]))
    assert curve.at(0.2).value == pytest.approx(1.0)
    assert [each.lift for each in lift(curve, 0.2)[:3]] == pytest.approx([5.0, 5.0, 0.0])


def test_precision_counts_buyers_among_the_best_leads() -> None:
    scored = _leads([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], np.linspace(0.9, 0.1, 10).tolist())
    assert precision_at(scored, 0.2).value == pytest.approx(0.5)
    assert precision_at(scored, 0.3).value == pytest.approx(2 / 3)
    assert precision_at(scored, 1.0).value == pytest.approx(0.2)


def test_the_band_of_the_gains_curve_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = gains(honest_leads(leads=100_000, ages=1, seed=99))
    curves = [gains(honest_leads(leads=1000, seed=seed)).at(0.3) for seed in range(40)]
    assert np.mean([curve.low <= truth.at(0.3).value <= curve.high for curve in curves]) >= 0.85


def test_snapshots_of_one_lead_count_as_one_lead() -> None:
    once, thrice = honest_leads(ages=1), honest_leads(ages=3)
    assert np.allclose(gains(once).found, gains(thrice).found)
    assert gains(thrice, seed=3).at(0.1).low == pytest.approx(gains(once, seed=3).at(0.1).low)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.7])), min_size=3, max_size=40))
def test_tenths_add_up_to_all_buyers(rows: list[tuple[bool, float]]) -> None:
    rows = [*rows, (True, 0.5), (False, 0.1)]
    scored = _leads([float(won) for won, _ in rows], [p for _, p in rows])
    tenths = lift(gains(scored), scored.won_rate)
    assert sum(each.found for each in tenths) == pytest.approx(1.0)
    assert np.mean([each.won_rate for each in tenths]) == pytest.approx(scored.won_rate)
    assert all(earlier.found_so_far <= later.found_so_far for earlier, later in pairwise(tenths))


def test_won_leads_count_from_the_top() -> None:
    curve = gains(_leads([1, 0, 1, 0], [0.9, 0.2, 0.5, 0.5]))
    assert [curve.at(share).value for share in (0.25, 0.75, 1.0)] == pytest.approx([0.5, 1.0, 1.0])


def test_gains_of_nothing_won_are_zero() -> None:
    assert gains(_leads([0, 0, 0], [0.1, 0.2, 0.3])).found.tolist() == [0.0] * 101


def test_precision_counts_the_straddling_tie_in_proportion() -> None:
    scored = _leads([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1])
    assert [precision_at(scored, share / 4).value for share in (1, 2, 3, 4)] == pytest.approx([1, 0.75, 2 / 3, 0.5])
