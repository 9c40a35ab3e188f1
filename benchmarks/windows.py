"""Window features from Parquet to a matrix: grouped events and a compiled kernel against Polars and pandas."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.activities import NOW, write_company
from benchmarks.clock import ratio
from benchmarks.results import Result
from benchmarks.window_peers import pandas_matrix, polars_matrix, polars_matrix_of_events
from data_contracts.dataset import Dataset
from data_contracts.threads import in_order
from features.arrays import Floats
from features.values.timeline import Timeline
from features.values.windows import Aggregate, Window
from pipelines.tables.events_writer import group_events
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources

NAME = "40 window features from Parquet"
LEADS, ACTIVITIES = 1_000_000, 10_000_000
TYPES = ("page_view", "pricing_view", "email_open", "email_click", "demo_request")
OF_TYPE: tuple[tuple[Aggregate, float], ...] = (
    ("count", 7), ("count", 30), ("count", 0), ("recency", 0), ("decayed", 7), ("days", 30),
)  # fmt: skip
OTHERS: tuple[tuple[str, Aggregate, float], ...] = (
    ("call", "sum", 30), ("call", "sum", 0), ("call", "count", 30), ("webinar", "sum", 0),
    ("page_view", "trend", 14), ("pricing_view", "trend", 14),
    ("any", "count", 30), ("any", "count", 0), ("any", "days", 30), ("any", "recency", 0),
)  # fmt: skip


def windows() -> list[Window]:
    """40 windows: counts, distinct days, recency, decayed intensity, trend and sums."""
    declared = [(kind, *each) for kind in TYPES for each in OF_TYPE]
    return [
        Window(kind, aggregate, span, () if kind == "any" else (kind,), "lead", "behavioural", kind)
        for kind, aggregate, span in (*declared, *OTHERS)
    ]


def window_matrix(dataset: Dataset, declared: list[Window], resources: Resources) -> Floats:
    """The windows (n, 40) of all leads at NOW."""
    timeline = Timeline.of(declared, "lead")
    with Tables(dataset, resources) as tables, tables.blocks() as blocks:
        out = np.empty((tables.leads, len(declared)))

        def fill(number: int) -> None:
            first, end = blocks.bounds(number)
            timeline.fill(out[first:end], blocks.load(number), np.arange(end - first), np.full(end - first, NOW))

        for _ in in_order((partial(fill, number) for number in range(len(blocks))), resources.threads):
            pass
    return out


def run(scale: float) -> list[Result]:
    """40 windows over 10 million activities of 1 million leads at full scale."""
    with tempfile.TemporaryDirectory() as directory:
        dataset = write_company(Path(directory), int(LEADS * scale), int(ACTIVITIES * scale))
        declared = windows()
        ours = partial(window_matrix, dataset, declared, Resources.of("2GB"))
        grouped = _seconds(partial(group_events, dataset, Resources.of("2GB")))
        peers: tuple[tuple[str, Callable[[], Floats], float, int], ...] = (
            ("Polars, streaming", partial(polars_matrix, Path(directory), declared, NOW), 4.0, 5),
            ("pandas", partial(pandas_matrix, Path(directory), declared, NOW), 8.0, 3),
            ("Polars from grouped events", partial(polars_matrix_of_events, Path(directory), declared, NOW), 1.0, 5),
        )
        expected = ours()
        note = f"events grouped by the import, once, in {grouped:.1f} s"
        return [
            Result(NAME, name, ratio(ours, peer, rounds), bar, _difference(expected, peer()), note)
            for name, peer, bar, rounds in peers
        ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _difference(ours: Floats, other: Floats) -> float:
    """The largest difference; infinite where one has a value and the other none."""
    missing = np.isnan(ours)
    if not np.array_equal(missing, np.isnan(other)):
        return float("inf")
    return float(np.abs(ours - other)[~missing].max())
