"""How well an order tells buyers from others at every threshold, and how the probabilities are spread."""

import numpy as np
import pandas as pd

from features.arrays import Floats, Integers
from models.evaluation.scored import Scored

BINS = 20
_POINTS = 200
_WIDE = 10.0  # of the largest probability to a small one: from here on bins are of equal ratio


def roc(scored: Scored) -> pd.DataFrame:
    """The ROC curve: the shares ``others`` and ``found`` (of those that did not buy, and of buyers) scored above."""
    from sklearn.metrics import roc_curve

    others, found, _ = roc_curve(scored.outcome, scored.probability, sample_weight=scored.weight)
    return _thinned(pd.DataFrame({"others": others, "found": found}))


def precision_recall(scored: Scored) -> pd.DataFrame:
    """Precision (the share of buyers among those scored above) for each share ``found`` of all buyers."""
    from sklearn.metrics import precision_recall_curve

    precision, found, _ = precision_recall_curve(scored.outcome, scored.probability, sample_weight=scored.weight)
    return _thinned(pd.DataFrame({"found": found[:-1], "precision": precision[:-1]})[::-1])


def spread(scored: Scored) -> pd.DataFrame:
    """How many leads bought and did not buy (weights), in bins ``low`` to ``high`` of probability.

    Bins are of equal ratio where the probabilities span more than a factor of ten.
    """
    edges = _edges(scored.probability)
    place = np.clip(np.searchsorted(edges, scored.probability, side="right") - 1, 0, BINS - 1)
    won, lost = (np.bincount(place, scored.weight * each, BINS) for each in (scored.outcome, 1 - scored.outcome))
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "bought": won, "others": lost})


def is_wide(p: Floats) -> bool:
    """Whether probabilities span so much that an even scale would hide the small ones."""
    low, high = np.quantile(p, (0.02, 0.98))
    return bool(low > 0 and high > _WIDE * low)


def _edges(p: Floats) -> Floats:
    top = float(p.max())
    if not is_wide(p):
        return np.linspace(0.0, top or 1.0, BINS + 1)
    return np.geomspace(max(float(np.quantile(p, 0.005)), 1e-4), top, BINS + 1)


def _thinned(points: pd.DataFrame) -> pd.DataFrame:
    keep: Integers = np.unique(np.linspace(0, len(points) - 1, _POINTS).astype(np.int64))
    return points.iloc[keep].reset_index(drop=True)
