"""Columns that tell the outcome: they were written after it, or because of it."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.rules import Rule
from pipelines.drafting.profile import ColumnProfile
from pipelines.importing.cells import numbers
from pipelines.importing.chunk import filled

SUSPECT_AUC = 0.8  # a single column known beforehand hardly ever separates won from lost better
AFTER_NAME = re.compile(
    r"(?i)clos(e|ed|ing)|lost|won\b|reason|outcome|converted|conversion|result|churn|invoice|contract|"
    r"last[ _]?(activity|modified|notable|contact)|stage|score|quality|tags?$"
)
FOLDS = 5


def leak_reason(column: ColumnProfile, won: NDArray[np.bool_], lost: NDArray[np.bool_]) -> str:
    """Why a column looks as if it was written after the outcome, or nothing. ``won`` and ``lost`` are (n,)."""
    closed = won | lost
    there = filled(column.cells)
    if closed.any() and (~closed).any():
        share_closed, share_open = there[closed].mean(), there[~closed].mean()
        if share_closed > 0.9 and share_open < 0.1:
            return "filled only where the outcome is known"
        if share_closed < 0.1 and share_open > 0.9:
            return "filled only where the outcome is still open"
    if not (won.any() and lost.any()):
        return _by_name(column.name)
    missing = auc(there[closed].astype(float), won[closed])
    if max(missing, 1 - missing) > SUSPECT_AUC:
        return f"whether it is filled tells the outcome (AUC {max(missing, 1 - missing):.2f})"
    alone = auc(_values(column, won, closed), won[closed])
    if max(alone, 1 - alone) > SUSPECT_AUC:
        return f"alone it tells won from lost (AUC {max(alone, 1 - alone):.2f})"
    return _by_name(column.name)


def auc(values: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve of values (n,) as a score, ties counted half (Mann-Whitney)."""
    ranks = pd.Series(values).rank().to_numpy()
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if not n1 or not n0:
        return 0.5
    return float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def _values(column: ColumnProfile, won: NDArray[np.bool_], closed: NDArray[np.bool_]) -> NDArray[np.float64]:
    if column.kind == "numeric" and len(column.counts) > 10:
        values = numbers(column.cells, Rule()).to_numpy(zero_copy_only=False)[closed]
        middle = float(np.nanmedian(values)) if not np.isnan(values).all() else 0.0
        return np.asarray(np.nan_to_num(values, nan=middle))
    return _win_rates(pd.Series(column.cells.to_pandas(), dtype=object)[closed].to_numpy(), won[closed])


def _win_rates(levels: NDArray[np.object_], won: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each row's level by its win rate in the other folds, so that a rare level cannot tell on itself."""
    fold = np.arange(len(won)) % FOLDS
    keys = pd.Series(levels, dtype=object).fillna("")
    rates = np.full(len(won), won.mean())
    for each in range(FOLDS):
        others = fold != each
        table = pd.Series(won[others].astype(float)).groupby(keys[others].to_numpy()).agg(["sum", "count"])
        smooth = (table["sum"] + won.mean() * 5) / (table["count"] + 5)
        rates[~others] = keys[~others].map(smooth).fillna(won.mean()).to_numpy(dtype=float)
    return np.asarray(rates)


def _by_name(name: str) -> str:
    return "its name says that it is written late" if AFTER_NAME.search(name) else ""
