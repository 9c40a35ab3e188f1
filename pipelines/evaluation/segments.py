"""The quality of the model within parts of the market."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.evaluation.intervals import Estimate, wilson
from models.evaluation.scored import Scored

Measure: TypeAlias = Callable[[Scored], dict[str, Estimate]]

SEGMENTS = ("source", "industry", "country", "channel")
MISSING = "(unknown)"
MIN_LEADS = 100
MIN_OF_EACH = 10  # won and lost leads
MAX_LEVELS = 12
_MEASURED = ("roc_auc", "log_loss", "lift_at_10")
_ESTIMATES = [f"{name}{end}" for name in ("won_rate", *_MEASURED) for end in ("", "_low", "_high")]


def segment_quality(scored: Scored, snapshots: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """One row per level of the segment columns with enough leads to say something, the largest levels first.

    ``snapshots`` has the rows of ``scored``; ``measure`` gives the metrics of some of them. Columns: segment, level,
    leads, won_rate (with _low, _high), predicted (mean probability) and the metrics with their intervals.
    """
    rows = [
        (segment, level, *_describe(scored.where(mask), measure))
        for segment in SEGMENTS
        if segment in snapshots
        for level, mask in _levels(scored, snapshots[segment])
    ]
    return pd.DataFrame(rows, columns=["segment", "level", "leads", "predicted", *_ESTIMATES])


def _levels(scored: Scored, column: pd.Series) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    levels = column.astype("object").where(column.notna(), MISSING).astype(str)
    if levels.nunique() < 2:  # the whole test split over again
        return
    mass = pd.Series(scored.weight).groupby(levels.to_numpy()).sum().sort_values(ascending=False, kind="stable")
    for level in mass.index[:MAX_LEVELS]:
        mask = levels.to_numpy() == level
        if _enough(scored.where(mask)):
            yield str(level), mask


def _enough(scored: Scored) -> bool:
    leads = float(scored.weight.sum())
    return leads >= MIN_LEADS and min(scored.won, leads - scored.won) >= MIN_OF_EACH


def _describe(scored: Scored, measure: Measure) -> list[float]:
    leads, metrics = float(scored.weight.sum()), measure(scored)
    estimates = (wilson(scored.won_rate, leads), *(metrics[name] for name in _MEASURED))
    return [leads, scored.mean(scored.probability), *chain(*estimates)]
