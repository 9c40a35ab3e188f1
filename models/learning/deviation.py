"""How far off the log-odds of a lead may be, told by models that have learned from other leads."""

from collections.abc import Callable

import numpy as np

from data_contracts.threads import each_of
from models.margin.margin import Margin
from models.samples.folds import group_folds
from models.samples.sample import Sample


def log_odds_deviation(sample: Sample, fit: Callable[[Sample], Margin]) -> float:
    """The standard deviation, in log-odds, of what ``fit`` learns of the sample around the truth.

    The leads are cut into thirds (with their copies, won and lost ones alike). Of the leads of each, the models of the
    two others, which have seen neither them nor each other's leads, differ by what is chance in both. A model of all
    leads errs less by chance, but draws what it says towards the mean, which nothing shows that models differ by: where
    the truth is known, both come to about what chance is in a third (docs/quality.md).
    """
    thirds = [fold.held_out for fold in group_folds(sample.y, sample.together, 3, sample.seed)]
    models = each_of(lambda rows: fit(sample.rows(rows)), thirds)
    said = [[model.margin(sample.X[rows]) for model in models] for rows in thirds]
    squares = [(said[k][k - 1] - said[k][k - 2]) ** 2 / 2 for k in range(3)]
    weight = sample.weight[np.concatenate(thirds)]
    return float(np.sqrt(np.average(np.concatenate(squares), weights=weight)))
