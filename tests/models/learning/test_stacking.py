import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.arrays import Floats
from models.learning import stacking
from models.learning.report import no_skill
from models.learning.stacking import Stack, losses_without, stack
from models.samples.folds import OutOfFold

BASE = -1.0


def held_out(log_odds: Floats, seed: int) -> OutOfFold:
    rows = len(log_odds)
    y = (np.random.default_rng(seed).logistic(size=rows) < log_odds).astype(float)
    order = np.arange(rows)
    return OutOfFold(y, np.ones(rows), order, order * 4 // rows, np.full(rows, BASE))


def noise(rows: int, candidates: int, seed: int, size: float = 1.0) -> Floats:
    return BASE + size * np.random.default_rng([seed, 1]).normal(size=(candidates, rows))


def drawn(rows: int, seed: int) -> tuple[Floats, OutOfFold]:
    """True log-odds and outcomes drawn from them."""
    log_odds = BASE + np.random.default_rng([seed, 2]).normal(0, 1.5, rows)
    return log_odds, held_out(log_odds, seed)


def loss(found: Stack, margins: Floats, held: OutOfFold) -> float:
    margin = found.margin(margins, held.base)
    return float(np.mean(np.logaddexp(0, margin) - held.y * margin))


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_noise_is_no_skill(seed: int, ordered: bool) -> None:
    held = held_out(np.full(2_000, BASE), seed)
    found = stack(noise(2_000, 3, seed, 0.5), held, ordered)
    assert not found.skill
    assert found.gain.mean < found.gain.error


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_gets_the_weight_and_noise_next_to_nothing(seed: int) -> None:
    log_odds, held = drawn(6_000, seed)
    found = stack(np.vstack([noise(6_000, 2, seed), log_odds[None, :]]), held, ordered=False)
    assert found.skill
    assert found.weights[2] > 0.8
    assert found.weights[:2].sum() < 0.1


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_alone_is_taken_as_it_is(seed: int) -> None:
    log_odds, held = drawn(3_000, seed)
    found = stack(log_odds[None, :], held, ordered=False)
    assert found.weights[0] == pytest.approx(1.0, abs=0.1)
    np.testing.assert_allclose(found.margin(log_odds[None, :], BASE), log_odds, atol=0.6)


@pytest.mark.parametrize("seed", range(4))
def test_a_candidate_that_says_twice_too_much_is_halved(seed: int) -> None:
    log_odds, held = drawn(6_000, seed)
    found = stack((BASE + 2 * (log_odds - BASE))[None, :], held, ordered=False)
    assert found.weights[0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("ordered", [False, True])
def test_a_candidate_that_says_the_opposite_gets_nothing(ordered: bool) -> None:
    log_odds, held = drawn(3_000, 0)
    found = stack((2 * BASE - log_odds)[None, :], held, ordered)
    assert found.weights.tolist() == [0.0]
    assert not found.skill
    np.testing.assert_array_equal(found.margin(log_odds[None, :], held.base), held.base)


def test_two_that_each_see_half_do_better_together_than_either() -> None:
    halves = np.random.default_rng(0).normal(size=(2, 4_000))
    margins = BASE + halves
    held = held_out(BASE + halves.sum(axis=0) / 2, 0)
    both = loss(stack(margins, held, ordered=False), margins, held)
    assert all(both < loss(stack(each[None, :], held, ordered=False), each[None, :], held) for each in margins)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10_000), st.floats(0, 5), st.booleans())
def test_no_weight_is_negative_or_next_to_nothing(candidates: int, seed: int, size: float, ordered: bool) -> None:
    log_odds, held = drawn(300, seed)
    margins = noise(300, candidates, seed, size)
    margins[0] += log_odds - BASE
    found = stack(margins, held, ordered)
    assert (found.weights >= 0).all()
    assert found.weights.sum() < 1.5
    assert not ((found.weights > 0) & (found.weights < 0.02)).any()


def test_equal_candidates_get_equal_weights() -> None:
    log_odds, held = drawn(2_000, 1)
    weights = stack(np.tile(log_odds, (3, 1)), held, ordered=False).weights
    np.testing.assert_allclose(weights, weights.mean(), atol=1e-3)


def two_of_unlike_worth(rows: int, seed: int) -> tuple[Floats, OutOfFold]:
    """One candidate says most of the truth, the other a little of what it leaves out."""
    log_odds, held = drawn(rows, seed)
    part = np.random.default_rng([seed, 3]).normal(0, 0.5, rows)
    return np.vstack([log_odds - part, BASE + part + noise(rows, 1, seed, 0.5)[0] - BASE]), held


@pytest.mark.parametrize("seed", range(4))
def test_in_time_order_weights_are_nearer_to_equal_ones(seed: int) -> None:
    margins, held = two_of_unlike_worth(6_000, seed)
    apart = [float(np.ptp(stack(margins, held, ordered).weights)) for ordered in (True, False)]
    assert apart[0] < apart[1]


def test_few_leads_have_weights_nearer_to_equal_ones() -> None:
    apart = [
        np.mean([np.ptp(stack(*two_of_unlike_worth(rows, seed), ordered=False).weights) for seed in range(10)])
        for rows in (30, 6_000)
    ]
    assert apart[0] < 0.2 < apart[1]


@pytest.mark.parametrize("ordered", [False, True])
def test_few_leads_are_told_by_what_is_usual_and_many_by_what_was_seen(ordered: bool) -> None:
    def share(rows: int) -> float:
        margins, held = two_of_unlike_worth(rows, seed=5)
        weights = stack(margins, held, ordered, np.array([1.0, 4.0])).weights
        return float(weights[1] / weights.sum())

    assert share(30) == pytest.approx(0.8, abs=0.1)
    assert share(20_000) < 0.5


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.integers(0, 100))
def test_in_time_order_what_a_candidate_says_of_a_whole_fold_counts_for_nothing(levels: list[float], seed: int) -> None:
    margins, held = two_of_unlike_worth(600, seed)
    moved = margins + np.array(levels)[held.fold]
    before, after = (stack(each, held, ordered=True) for each in (margins, moved))
    np.testing.assert_allclose(after.weights, before.weights, atol=0.01)
    assert after.gain.mean == pytest.approx(before.gain.mean, abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_a_base_rate_that_moves_draws_no_weight_from_the_truth_in_time_order(seed: int) -> None:
    log_odds, _ = drawn(6_000, seed)
    held = held_out(log_odds + np.linspace(1.5, -1.5, 6_000), seed)
    weights = {ordered: stack(log_odds[None, :], held, ordered).weights[0] for ordered in (True, False)}
    assert weights[True] == pytest.approx(1.0, abs=0.12)


def losses_by_fold(found: Stack, margins: Floats, held: OutOfFold) -> Floats:
    margin = found.margin(margins, held.base)
    losses = np.logaddexp(0, margin) - held.y * margin
    return np.array([losses[held.fold == fold].mean() for fold in range(4)])


def test_what_costs_something_in_every_fold_weighs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log_odds, held = drawn(200, 2)
    margins = np.vstack([log_odds, noise(200, 2, 2, 2.0)])
    found = stack(margins, held, ordered=False)
    monkeypatch.setattr(stacking, "_SPOILS", np.inf)
    all_of_them = stack(margins, held, ordered=False)
    assert (all_of_them.weights >= 0.02).all()
    assert (found.weights == 0).any()
    assert (losses_by_fold(found, margins, held) < losses_by_fold(all_of_them, margins, held)).all()
    others = stack(margins[found.weights > 0], held, ordered=False).weights
    np.testing.assert_allclose(found.weights[found.weights > 0], others, atol=1e-4)


def test_what_helps_in_one_fold_is_kept() -> None:
    log_odds, held = drawn(4_000, 0)
    half = np.random.default_rng(5).normal(0, 1.0, 4_000)
    helps = BASE + np.where(held.fold == 2, half, 0.3 * noise(4_000, 1, 0)[0])
    found = stack(np.vstack([log_odds - half, helps]), held, ordered=True)
    assert found.weights[1] > 0.02


def test_few_leads_need_less_of_a_gain_to_be_skill() -> None:
    needed = [stack(noise(rows, 1, 0), held_out(np.full(rows, BASE), 0), ordered=False).needed for rows in (100, 5_000)]
    assert needed == pytest.approx([0.1282, 1.282])


def test_a_lead_with_many_snapshots_is_no_further_evidence() -> None:
    log_odds, held = drawn(60, 3)
    copies = np.repeat(np.arange(60), 20)
    margins = log_odds[None, copies]
    many = OutOfFold(held.y[copies], np.ones(1_200), copies, held.fold[copies], held.base[copies])
    as_leads = OutOfFold(many.y, many.weight, np.arange(1_200), many.fold, many.base)
    assert stack(margins, many, ordered=False).gain.z < 0.5 * stack(margins, as_leads, ordered=False).gain.z


def test_a_gain_that_is_lost_on_the_newest_leads_is_no_skill_in_time_order() -> None:
    log_odds, held = drawn(4_000, 0)
    turned = np.where(held.fold == 3, 2 * BASE - log_odds, log_odds)[None, :]
    assert stack(turned, held, ordered=False).skill
    found = stack(turned, held, ordered=True)
    assert found.gain.z > 2
    assert not found.skill
    assert "newest leads" in no_skill(found)


@pytest.mark.parametrize("ordered", [False, True])
def test_what_says_most_is_missed_most_and_what_has_no_weight_not_at_all(ordered: bool) -> None:
    parts = np.random.default_rng(0).normal(0, [[1.5], [0.7], [1.0]], (3, 2_000))
    held = held_out(BASE + parts[0] + parts[1], 0)
    missed = losses_without(np.array([1.0, 1.0, 0.0]), BASE + parts, held, ordered)
    assert missed[0] > missed[1] > missed[2] == pytest.approx(0.0, abs=1e-12)


def test_a_candidate_that_is_alone_leaves_the_base_rate() -> None:
    log_odds, held = drawn(2_000, 0)
    told = np.mean(np.logaddexp(0, log_odds) - held.y * log_odds)
    base = np.mean(np.logaddexp(0, BASE) - held.y * BASE)
    missed = losses_without(np.array([1.0]), log_odds[None, :], held, ordered=False)
    assert missed == pytest.approx([base - told])
