from models.margin.cost import ServingCost
from models.margin.margin import Margin
from models.trees.booster import Booster
from models.trees.training import TreeParameters
from tests.models.problems import booster_text, matrix


def test_a_model_costs_what_its_trees_hold() -> None:
    text = booster_text(parameters=TreeParameters(2, trees=30, min_leads=5))
    X = matrix(500)
    cost = ServingCost.of(Margin((Booster(text),), (1.0,), 0.0, X.shape[1]), X)
    assert (cost.trees, cost.leaves) == (30, 60)
    assert cost.megabytes == round(len(text) / 1e6, 2)
    assert cost.microseconds_per_lead > 0


def test_more_trees_cost_more_time() -> None:
    X = matrix(2_000)
    parameters = [TreeParameters(31, trees=trees, min_leads=2) for trees in (5, 400)]
    boosters = [Booster(booster_text(parameters=each)) for each in parameters]
    few, many = (ServingCost.of(Margin((booster,), (1.0,), 0.0, X.shape[1]), X) for booster in boosters)
    assert few.microseconds_per_lead < many.microseconds_per_lead


def test_a_model_without_trees_holds_none() -> None:
    cost = ServingCost.of(Margin((), (), 0.0, 8), matrix(10))
    assert (cost.trees, cost.leaves, cost.megabytes) == (0, 0, 0.0)
