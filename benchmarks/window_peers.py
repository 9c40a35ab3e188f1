"""The same window features as data scientists write them: one pass of Polars, masks and groups of pandas."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from features.arrays import DAY, Floats
from features.values.windows import Window
from pipelines.tables.events_file import NAME as EVENTS
from pipelines.tables.events_file import EventsFile


def polars_matrix(directory: Path, windows: Sequence[Window], now: int) -> Floats:
    """One lazy scan, one group_by with all aggregates of masked columns, joined back to the leads; streaming."""
    age = pl.lit(now) - pl.col("occurred_at").dt.epoch("us")
    events = (
        pl.scan_parquet(directory / "activities.parquet")
        .filter(~pl.col("is_automated") & (age > 0))
        .select("type", "value", lead="lead_id", age=age)
    )
    return _collected(pl.scan_parquet(directory / "leads.parquet").select(lead="lead_id"), events, windows, now)


def polars_matrix_of_events(directory: Path, windows: Sequence[Window], now: int) -> Floats:
    """The same from what the import has grouped already: numbers in place of texts, in the order of the leads."""
    file = EventsFile(directory / EVENTS)
    kinds = pl.Enum(file.words.kinds)
    age = pl.lit(now) - pl.col("at")
    events = (
        pl.scan_parquet(file.path)
        .filter((pl.col("automated") == 0) & (age > 0))
        .select("lead", type=pl.col("kind").cat.to(kinds), value=pl.col("value").fill_nan(None), age=age)
    )
    leads = pl.scan_parquet(directory / "leads.parquet").select(lead=pl.int_range(pl.len(), dtype=pl.Int32))
    return _collected(leads, events, windows, now)


def _collected(leads: pl.LazyFrame, events: pl.LazyFrame, windows: Sequence[Window], now: int) -> Floats:
    named = [_aggregate(window, now).cast(pl.Float64).alias(str(k)) for k, window in enumerate(windows)]
    joined = leads.join(events.group_by("lead").agg(named), on="lead", how="left", maintain_order="left")
    filled = [
        pl.col(str(k)) if window.aggregate == "recency" else pl.col(str(k)).fill_null(0.0)
        for k, window in enumerate(windows)
    ]
    return np.asarray(joined.select(filled).collect(engine="streaming").to_numpy(), dtype=np.float64)


def _aggregate(window: Window, now: int) -> pl.Expr:
    age, span = pl.col("age"), window.span_days * DAY
    inside = pl.col("type").is_in(window.types) if window.types else age > 0
    if span and window.aggregate != "decayed":
        inside &= age <= span
    if window.aggregate == "count":
        return inside.sum()
    values = {
        "sum": pl.col("value"),
        "recency": age / DAY,
        "decayed": 0.5 ** (age / (span or 1)),
        "trend": pl.when(2 * age <= span).then(1).otherwise(-1),
        "days": (now - age) // DAY,
    }
    masked = pl.when(inside).then(values[window.aggregate])
    if window.aggregate == "days":
        return masked.drop_nulls().n_unique()
    return masked.min() if window.aggregate == "recency" else masked.sum()


def pandas_matrix(directory: Path, windows: Sequence[Window], now: int) -> Floats:
    """Rows of each type once, then a group per window; leads as numbers, so that grouping is cheap."""
    leads = pd.Index(pd.read_parquet(directory / "leads.parquet", columns=["lead_id"])["lead_id"])
    events = pd.read_parquet(
        directory / "activities.parquet", columns=["lead_id", "occurred_at", "type", "value", "is_automated"]
    )
    events["age"] = now - events["occurred_at"].to_numpy("M8[us]").astype(np.int64)
    events = events[~events["is_automated"] & (events["age"] > 0)]
    frame = pd.DataFrame(
        {
            "lead": leads.get_indexer(events["lead_id"]),
            "type": events["type"].astype("category"),
            "age": events["age"],
            "value": events["value"],
        }
    )
    of_types = {types: frame[frame["type"].isin(types)] if types else frame for types in {w.types for w in windows}}
    columns = [_column(window, of_types[window.types], now).reindex(range(len(leads))) for window in windows]
    return np.stack(
        [
            column.to_numpy(np.float64) if window.aggregate == "recency" else column.fillna(0.0).to_numpy(np.float64)
            for window, column in zip(windows, columns, strict=True)
        ],
        axis=1,
    )


def _column(window: Window, rows: pd.DataFrame, now: int) -> "pd.Series[Any]":
    span = window.span_days * DAY
    if window.aggregate == "decayed":
        return (0.5 ** (rows["age"] / span)).groupby(rows["lead"]).sum()
    if span:
        rows = rows[rows["age"] <= span]
    lead = rows["lead"]
    if window.aggregate == "count":
        return rows.groupby("lead").size()
    if window.aggregate == "sum":
        return rows.groupby("lead")["value"].sum()
    if window.aggregate == "recency":
        return rows.groupby("lead")["age"].min() / DAY
    if window.aggregate == "trend":
        return (2 * (2 * rows["age"] <= span) - 1).groupby(lead).sum()
    days = pd.DataFrame({"lead": lead, "day": (now - rows["age"]) // DAY}).drop_duplicates()
    return days.groupby("lead").size()
