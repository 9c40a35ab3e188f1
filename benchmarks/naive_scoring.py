"""Scores with contributions as a notebook makes them: pandas groups for the windows, then LightGBM's own prediction."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from features.arrays import DAY, Floats
from features.event_types import CORE_TYPES
from features.values.windows import Window

_SECOND = 1_000_000
_MISSING = frozenset({"recency", "relative_recency", "first", "last", "automated", "mean", "max", "rate"})


def is_naive(window: Window) -> bool:
    """Whether ``naive_windows`` computes it: it is of what the lead did itself, whatever that is about."""
    return window.scope == "lead" and window.family != "qualification" and window.about == "anything"


def naive_windows(activities: pd.DataFrame, leads: pd.Index, windows: Sequence[Window], now: int) -> Floats:
    """The windows of leads' own activities (n, windows), one group each; 0 or missing where there is no event.

    What sales answered, what happened at the account and what is about the lead's own object is left out: the peer does
    less than the product.
    """
    at = activities["occurred_at"].to_numpy("M8[us]").astype(np.int64)
    clear = now - at > activities["automated_after"].fillna(0.0).to_numpy(np.float64) * _SECOND
    frame = pd.DataFrame(
        {
            "lead": leads.get_indexer(pd.Index(activities["lead_id"])),
            "type": activities["type"],
            "age": now - at,
            "day": at // DAY,
            "value": activities["value"],
            "automated": activities["is_automated"].fillna(False).astype(bool) & clear,
        }
    )
    known = {*CORE_TYPES, *(kind for window in windows for kind in window.types)}
    frame["kind"] = frame["type"].where(frame["type"].isin(known), "other")  # counted as one type
    frame = frame[(frame["lead"] >= 0) & (frame["age"] > 0)].sort_values(["lead", "age"], ascending=[True, False])
    by_people = frame[~frame["automated"]]
    columns = []
    for window in windows:
        rows = frame if window.aggregate == "automated" else by_people
        found = _aggregate(window, _of(window.types, rows), by_people)
        column = found.reindex(range(len(leads))).to_numpy(np.float64)
        columns.append(column if window.aggregate in _MISSING else np.nan_to_num(column))
    return np.stack(columns, axis=1)


def _of(types: Sequence[str], rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["type"].isin(types)] if types else rows


def _aggregate(window: Window, rows: pd.DataFrame, by_people: pd.DataFrame) -> "pd.Series[Any]":
    span = window.span_days * DAY
    if window.aggregate == "decayed":
        return (0.5 ** (rows["age"] / span)).groupby(rows["lead"]).sum()
    if span:
        rows, by_people = rows[rows["age"] <= span], by_people[by_people["age"] <= span]
    groups = rows.groupby("lead")
    if window.aggregate == "trend":
        return (2 * (2 * rows["age"] <= span) - 1).groupby(rows["lead"]).sum()
    if window.aggregate == "days":
        return rows[["lead", "day"]].drop_duplicates().groupby("lead").size()
    if window.aggregate == "rate":
        per = _of(window.per_types, by_people).groupby("lead").size()
        return groups.size().reindex(per.index, fill_value=0) / per
    found: dict[str, Callable[[], pd.Series[Any]]] = {
        "count": groups.size,
        "recency": lambda: groups["age"].min() / DAY,
        "relative_recency": lambda: groups["age"].min() / _gaps(by_people),
        "first": lambda: groups["age"].max() / DAY,
        "sum": groups["value"].sum,
        "mean": groups["value"].mean,
        "max": groups["value"].max,
        "last": groups["value"].last,
        "types": groups["kind"].nunique,
        "automated": groups["automated"].mean,
    }
    return found[window.aggregate]()


def _gaps(rows: pd.DataFrame) -> "pd.Series[Any]":
    """The mean time between the activities of each lead, missing where they are of one time."""
    ages = rows.groupby("lead")["age"]
    gaps = (ages.max() - ages.min()) / (ages.size() - 1)
    return gaps.where(gaps > 0)


def naive_predictions(boosters: Sequence[lightgbm.Booster], X: Floats) -> None:
    """What `predict` and `predict(pred_contrib=True)` of every booster of the model take."""
    for booster in boosters:
        width = booster.num_feature()
        inputs = X if width == X.shape[1] else np.resize(X, (len(X), width))  # codes of its own: as many columns
        booster.predict(inputs, num_threads=2)
        booster.predict(inputs, pred_contrib=True, num_threads=2)


def boosters_of(model: Path) -> list[lightgbm.Booster]:
    """The boosters of an artifact."""
    return [lightgbm.Booster(model_file=path) for path in sorted((model / "components").glob("*.txt"))]
