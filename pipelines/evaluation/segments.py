"""The quality of the model within parts of the market."""

from collections.abc import Callable, Iterator
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


def segment_quality(scored: Scored, snapshots: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """One row per level of the segment columns with enough leads to say something, the largest levels first.

    ``snapshots`` has the rows of ``scored``; ``measure`` gives the metrics of some of them. Columns: segment, level,
    leads, won_rate (with _low, _high), predicted (mean probability) and the metrics with their intervals.
    """
    rows = [
        {"segment": segment, "level": level, **_describe(scored.where(mask), measure)}
        for segment in SEGMENTS
        if segment in snapshots
        for level, mask in _levels(scored, snapshots[segment])
    ]
    return pd.DataFrame(rows, columns=_columns())


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
    won = float((scored.weight * scored.outcome).sum())
    leads = float(scored.weight.sum())
    return leads >= MIN_LEADS and min(won, leads - won) >= MIN_OF_EACH


def _describe(scored: Scored, measure: Measure) -> dict[str, float]:
    leads = float(scored.weight.sum())
    metrics = measure(scored)
    estimates = {"won_rate": wilson(scored.won_rate, leads), **{name: metrics[name] for name in _MEASURED}}
    predicted = float(np.average(scored.probability, weights=scored.weight))
    return {"leads": leads, "predicted": predicted} | {
        name: value for key, estimate in estimates.items() for name, value in _spread(key, estimate).items()
    }


def _spread(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _columns() -> list[str]:
    spread = [column for name in ("won_rate", *_MEASURED) for column in (name, f"{name}_low", f"{name}_high")]
    return ["segment", "level", "leads", "predicted", *spread]
