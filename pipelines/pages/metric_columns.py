"""How the metrics of a model are shown; their names are in pages/texts/*.yaml."""

from typing import NamedTuple


class MetricColumn(NamedTuple):
    """The arrow to where a metric is better, and its decimals."""

    arrow: str
    digits: int


METRIC_COLUMNS = {
    "roc_auc": MetricColumn("▲", 3),
    "average_precision": MetricColumn("▲", 3),
    "log_loss": MetricColumn("▼", 4),
    "brier": MetricColumn("▼", 4),
    "ece": MetricColumn("▼", 4),
    "lift_at_10": MetricColumn("▲", 2),
}
