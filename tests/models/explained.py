"""The explanation of any rows by a model."""

from features.arrays import Floats
from models.explanation.points import Explanation, explain_contributions
from models.margin.model import LeadModel


def explain(model: LeadModel, X: Floats) -> Explanation:
    return explain_contributions(model.calibrator, model.margin.contributions(X), model.probability(X))
