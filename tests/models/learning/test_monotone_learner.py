from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from features.arrays import Floats
from models.learning.stacking import Stack, stack
from models.margin.model import LeadModel
from tests.models.problems import NUMBERS, Problem, matrix, problem

# As in the truth for the first number and against it for the second; the third has an effect in both directions.
SIGNS = (1, 1, 1, 0, 1, -1, 0, 0)
CONSTRAINED = [feature for feature, sign in enumerate(SIGNS) if sign]
CLOSE = 1e-12
GRID = np.concatenate([[-1e6], np.linspace(-4, 4, 161), [10.0, 100.0, 1e6]])
CASES = {"few": (450, False), "in no order": (1_300, False), "in order": (1_300, True)}


@cache
def case(name: str) -> Problem:
    return problem(CASES[name][0], seed=1)


@cache
def learned(name: str, signs: tuple[int, ...] = SIGNS) -> LeadModel:
    return case(name).learn(ordered=CASES[name][1], monotone=signs)


def sweeps(feature: int) -> Floats:
    """Rows (40, grid, features) that differ along the grid in one feature alone; some values elsewhere are missing."""
    X = np.repeat(matrix(40, seed=9, missing=0.2)[:, None, :], len(GRID), axis=1)
    X[:, :, feature] = GRID
    return X


def rises(values: Floats) -> Floats:
    """How much values (40 * grid,) of sweeps rise from each point of the grid to the next."""
    return np.diff(values.reshape(-1, len(GRID)), axis=1)


@pytest.mark.parametrize("feature", CONSTRAINED)
@pytest.mark.parametrize("name", CASES)
def test_a_score_never_moves_the_other_way(name: str, feature: int) -> None:
    model, sign = learned(name), SIGNS[feature]
    X = sweeps(feature).reshape(-1, len(SIGNS))
    margin = model.margin.margin(X)
    assert (sign * rises(margin) >= -CLOSE).all()
    for said in (model.probability(X), *model.interval.predict(margin)):
        assert (sign * rises(said) >= -CLOSE).all()


@pytest.mark.parametrize("name", CASES)
def test_no_component_moves_the_other_way(name: str) -> None:
    model = learned(name)
    assert model.margin.components
    assert min(model.margin.weights) > 0
    for feature in CONSTRAINED:
        X = sweeps(feature).reshape(-1, len(SIGNS))
        for component in model.margin.components:
            assert (SIGNS[feature] * rises(component.margin(X)) >= -CLOSE).all()


def test_candidates_that_are_not_chosen_would_keep_the_signs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_alike(margins: Floats, *rest: Any) -> Stack:
        return replace(stack(margins, *rest), weights=np.full(len(margins), 1 / len(margins)))

    monkeypatch.setattr("models.learning.learner.stack", all_alike)
    model = case("in no order").learn(monotone=SIGNS, min_leaves=10**6, max_leaves=10**6, free_leaves=10**6)
    assert all(each["weight"] > 0 for each in model.report["candidates"][:-1])
    for feature in CONSTRAINED:
        X = sweeps(feature).reshape(-1, len(SIGNS))
        for component in model.margin.components:
            assert (SIGNS[feature] * rises(component.margin(X)) >= -CLOSE).all()


def test_without_signs_the_same_leads_break_them() -> None:
    X = [sweeps(feature).reshape(-1, len(SIGNS)) for feature in range(NUMBERS)]
    model = learned("in no order", ())
    broken = [bool((SIGNS[k] * rises(model.probability(X[k])) < -CLOSE).any()) for k in range(NUMBERS)]
    assert broken[1:3] == [True, True]


def test_signs_that_fit_the_truth_cost_nothing_that_matters() -> None:
    leads, free = case("in no order"), learned("in no order", ())
    test = leads.split == "test"
    kept = learned("in no order", (1, -1, *(0,) * 6))
    losses = [
        np.mean(np.logaddexp(0, margin) - leads.y[test] * margin)
        for margin in (model.margin.margin(leads.X[test]) for model in (kept, free))
    ]
    assert losses[0] < losses[1] + 0.01


def test_a_budget_keeps_the_signs() -> None:
    model = case("few").learn(monotone=SIGNS, budget_seconds=60, trials=2)
    for feature in CONSTRAINED:
        X = sweeps(feature).reshape(-1, len(SIGNS))
        assert (SIGNS[feature] * rises(model.probability(X)) >= -CLOSE).all()


@pytest.mark.parametrize("name", CASES)
def test_contributions_add_up_under_signs(name: str) -> None:
    X = matrix(50, seed=3, missing=0.2)
    model = learned(name)
    np.testing.assert_allclose(model.margin.contributions(X).sum(axis=1), model.margin.margin(X), atol=1e-9)


def test_signs_of_zero_change_no_bit() -> None:
    X = matrix(200, seed=4)
    zeros = learned("few", (0,) * len(SIGNS))
    assert zeros.probability(X).tobytes() == learned("few", ()).probability(X).tobytes()
