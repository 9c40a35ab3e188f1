"""The base rate, logistic regressions and naive Bayes."""

import numpy as np

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import binned, frame, standardised
from benchmarks.quality.peers.tuning import shuffled_folds
from benchmarks.quality.problem import Problem


def base_rate(problem: Problem, effort: Effort) -> Answer:  # noqa: ARG001 - there is nothing to try hard at
    """The share of won rows for everybody."""
    return Answer(np.full(len(problem.X_test), problem.y_train.mean()))


def logistic_regression(problem: Problem, effort: Effort) -> Answer:
    """scikit-learn's with C = 1, on one-hot levels and standardised numbers with indicators of missing."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        standardised(problem.features), LogisticRegression(C=1.0, max_iter=2000, random_state=effort.seed)
    )
    model.fit(frame(problem.X_train, problem.features), problem.y_train)
    return Answer(model.predict_proba(frame(problem.X_test, problem.features))[:, 1])


def logistic_cv(problem: Problem, effort: Effort) -> Answer:
    """The same with C chosen among ten from 0.0001 to 10,000 by the log loss of five folds."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline

    least = int(min(problem.y_train.sum(), (1 - problem.y_train).sum()))
    search = LogisticRegressionCV(
        Cs=10, cv=shuffled_folds(problem, min(5, least)), scoring="neg_log_loss", max_iter=2000,
        l1_ratios=(0,), use_legacy_attributes=False, random_state=effort.seed,
    )  # fmt: skip
    model = make_pipeline(standardised(problem.features), search)
    model.fit(frame(problem.X_train, problem.features), problem.y_train)
    chosen = {"C": float(search.C_)}
    return Answer(model.predict_proba(frame(problem.X_test, problem.features))[:, 1], chosen)


def naive_bayes(problem: Problem, effort: Effort) -> Answer:  # noqa: ARG001 - it has neither seed nor threads
    """scikit-learn's categorical one on levels and tenths of numbers, missing as a level of its own."""
    from sklearn.naive_bayes import CategoricalNB

    train, test, sizes = binned(problem)
    model = CategoricalNB(min_categories=sizes).fit(train, problem.y_train)
    return Answer(model.predict_proba(test)[:, 1])
