"""The plain mean of four unlike models, as people do by hand."""

import numpy as np

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.plain import logistic_regression
from benchmarks.quality.peers.trees import catboost, lightgbm_small, random_forest
from benchmarks.quality.problem import Problem

BLENDED = (logistic_regression, random_forest, lightgbm_small, catboost)


def blend(problem: Problem, effort: Effort) -> Answer:
    """The mean probability of logistic regression, random forest, small LightGBM and CatBoost."""
    return Answer(np.mean([each(problem, effort).p for each in BLENDED], axis=0))
