"""Names for people in place of those in the code."""

from typing import NamedTuple


class MetricColumn(NamedTuple):
    """How a metric is shown: its name with its unit, the arrow to where it is better, and its decimals."""

    label: str
    arrow: str
    digits: int


METRIC_COLUMNS = {
    "roc_auc": MetricColumn("ROC AUC", "▲", 3),
    "average_precision": MetricColumn("Average precision", "▲", 3),
    "log_loss": MetricColumn("Log loss (nats)", "▼", 4),
    "brier": MetricColumn("Brier score", "▼", 4),
    "ece": MetricColumn("ECE", "▼", 4),
    "lift_at_10": MetricColumn("Lift at 10%", "▲", 2),
}
CONTENDERS = {
    "model": "This model",
    "scorecard": "Points by hand",
    "naive_bayes": "Naive Bayes",
    "logistic_regression": "Logistic regression",
    "base_rate": "Base rate",
}
SPLITS = {
    "out_of_time": "out of time: the newest leads, after a gap of one prediction horizon",
    "ordered": "in order: the newest leads, with no gap",
    "random": "random, stratified by outcome; cannot show drift",
}
