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


def naive_windows(activities: pd.DataFrame, leads: pd.Index, windows: Sequence[Window], now: int) -> Floats:
    """The windows of leads' own activities (n, windows), one group each; 0 or missing where there is no event.

    What sales answered and what happened at the account is left out: the peer does less than the product.
    """
    at = activities["occurred_at"].to_numpy("M8[us]").astype(np.int64)
    frame = pd.DataFrame(
        {
            "lead": leads.get_indexer(pd.Index(activities["lead_id"])),
            "type": activities["type"],
            "age": now - at,
            "day": at // DAY,
            "value": activities["value"],
            "automated": activities["is_automated"].fillna(False).astype(bool),
        }
    )
    known = {*CORE_TYPES, *(kind for window in windows for kind in window.types)}
    frame["kind"] = frame["type"].where(frame["type"].isin(known), "other")  # counted as one type
    frame = frame[(frame["lead"] >= 0) & (frame["age"] > 0)].sort_values(["lead", "age"], ascending=[True, False])
    by_people = frame[~frame["automated"]]
    columns = []
    for window in windows:
        rows = frame if window.aggregate == "automated" else by_people
        rows = rows[rows["type"].isin(window.types)] if window.types else rows
        found = _aggregate(window, rows).reindex(range(len(leads))).to_numpy(np.float64)
        missing = window.aggregate in ("recency", "first", "last", "automated")
        columns.append(found if missing else np.nan_to_num(found))
    return np.stack(columns, axis=1)


def _aggregate(window: Window, rows: pd.DataFrame) -> "pd.Series[Any]":
    span = window.span_days * DAY
    if window.aggregate == "decayed":
        return (0.5 ** (rows["age"] / span)).groupby(rows["lead"]).sum()
    if span:
        rows = rows[rows["age"] <= span]
    groups = rows.groupby("lead")
    if window.aggregate == "trend":
        return (2 * (2 * rows["age"] <= span) - 1).groupby(rows["lead"]).sum()
    if window.aggregate == "days":
        return rows[["lead", "day"]].drop_duplicates().groupby("lead").size()
    found: dict[str, Callable[[], pd.Series[Any]]] = {
        "count": groups.size,
        "recency": lambda: groups["age"].min() / DAY,
        "first": lambda: groups["age"].max() / DAY,
        "sum": groups["value"].sum,
        "last": groups["value"].last,
        "types": groups["kind"].nunique,
        "automated": groups["automated"].mean,
    }
    return found[window.aggregate]()


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
