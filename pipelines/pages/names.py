"""Names for people in place of those in the code."""

_METRICS = {
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "log_loss": "Log loss (nats)",
    "brier": "Brier score",
    "ece": "ECE",
    "lift_at_10": "Lift at 10%",
}
HIGHER_IS_BETTER = frozenset({"roc_auc", "average_precision", "lift_at_10"})
_CONTENDERS = {
    "model": "This model",
    "scorecard": "Points by hand",
    "naive_bayes": "Naive Bayes",
    "logistic_regression": "Logistic regression",
    "base_rate": "Base rate",
}
_SPLITS = {
    "out_of_time": "out of time: the newest leads, after a gap of one prediction horizon",
    "ordered": "in order: the newest leads, with no gap",
    "random": "random, stratified by outcome; cannot show drift",
}


def metric_name(name: str) -> str:
    """The name of a metric, with its unit where it has one."""
    return _METRICS.get(name, name.replace("_", " "))


def contender_name(name: str) -> str:
    """The name of a model or baseline."""
    return _CONTENDERS.get(name, name.replace("_", " ").capitalize())


def split_name(name: str) -> str:
    """How the test leads were chosen."""
    return _SPLITS.get(name, name)
