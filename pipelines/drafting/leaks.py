"""Columns that tell the outcome: they were written after it, or because of it."""

import re

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.arrays import Floats
from features.ranking import cross_fitted_auc, separation
from pipelines.drafting.dates import DAY, read_times
from pipelines.drafting.profile import ColumnProfile
from pipelines.importing.chunk import filled
from pipelines.importing.vocabulary import is_all, says

SUSPECT_AUC = 0.8  # a single column known beforehand hardly ever separates won from lost better
AFTER_NAME = re.compile(
    r"(?i)clos(e|ed|ing)|lost|won\b|reason|outcome|converted|conversion|result|churn|invoice|contract|"
    r"last[ _]?(activity|modified|notable|contact)|stage|score|quality|tags?$|"
    r"(lead|deal|contact|opportunity|sales)[ _]?status"
)
FOLDS = 5
FEWEST = 20  # rows that can tell
LEVELS, OVERLAP = 12, 0.05
PRIOR_WEIGHT = 5.0


def leak_reason(column: ColumnProfile, won: NDArray[np.bool_], lost: NDArray[np.bool_]) -> str:
    """Why a column looks as if it was written after the outcome, or nothing. ``won`` and ``lost`` are (n,)."""
    closed = won | lost
    known = filled(column.cells)
    if closed.any() and (~closed).any():
        share_closed, share_open = known[closed].mean(), known[~closed].mean()
        if share_closed > 0.9 and share_open < 0.1:
            return "filled only where the outcome is known"
        if share_closed < 0.1 and share_open > 0.9:
            return "filled only where the outcome is still open"
        if _overlap(column, closed) < OVERLAP:
            return "it tells whether the outcome is known"
    if not (won.any() and lost.any()):
        return _by_name(column.name)
    label = won[closed].astype(np.float64)
    fill = separation(known[closed].astype(np.float64), label, 1 - label)
    if fill > SUSPECT_AUC:
        return f"whether it is filled tells the outcome (AUC {fill:.2f})"
    alone = _alone(column, closed, label)
    if alone > SUSPECT_AUC:
        return f"alone it tells won from lost (AUC {alone:.2f})"
    return _by_name(column.name)


def time_between(column: ColumnProfile, first: ColumnProfile, last: ColumnProfile, closed: NDArray[np.bool_]) -> str:
    """Why a number is the age of a deal when it ended, or nothing: where it has, it is the days between two dates."""
    if column.kind != "numeric" or first.time_style is None or last.time_style is None:
        return ""
    days = pc.subtract(read_times(last), read_times(first)).cast("int64").to_numpy(zero_copy_only=False) / DAY
    off = np.abs(column.values.to_numpy(zero_copy_only=False) - days)
    both = ~np.isnan(off) & closed
    alike = both.sum() >= FEWEST and float((off[both] < 2).mean()) > 0.95 and float(np.nanstd(days)) > 2
    return f"it is the days between {first.name} and {last.name}" if alike else ""


def _overlap(column: ColumnProfile, closed: NDArray[np.bool_]) -> float:
    """How much of the rows with and without an outcome have the same values: 0 none, 1 all; of few values."""
    if not 2 <= len(column.counts) <= LEVELS or min(closed.sum(), (~closed).sum()) < FEWEST:
        return 1.0
    level = pd.factorize(pd.Series(column.cells.to_pandas(), dtype=object).fillna(""))[0]
    shares = [np.bincount(level[rows], minlength=level.max() + 1) / rows.sum() for rows in (closed, ~closed)]
    return float(np.minimum(*shares).sum())


def _alone(column: ColumnProfile, closed: NDArray[np.bool_], label: Floats) -> float:
    """The AUC of the values alone: of numbers by their size, of levels by their win rate in the other folds."""
    if column.kind == "numeric" and len(column.counts) > 10:
        values = column.values.to_numpy(zero_copy_only=False)[closed]
        middle = float(np.nanquantile(values, 0.5, method="lower")) if not np.isnan(values).all() else 0.0
        return separation(np.nan_to_num(values, nan=middle), label, 1 - label)
    level = pd.factorize(pd.Series(column.cells.to_pandas(), dtype=object)[closed].fillna(""))[0]
    value = cross_fitted_auc(level, np.arange(label.size) % FOLDS, label, PRIOR_WEIGHT, base=float(label.mean()))
    return max(value, 1 - value)


def _by_name(name: str) -> str:
    late = AFTER_NAME.search(name) or is_all(name, "stage") or says(name, "loss_reason")
    return "its name says that it is written late" if late else ""
