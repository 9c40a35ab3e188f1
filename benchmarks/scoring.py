"""`whylead score` with reasons against pandas features and LightGBM's contributions; and its peak memory."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.http import made_demo
from benchmarks.naive_scoring import boosters_of, is_naive, naive_predictions, naive_windows
from benchmarks.results import Result
from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from models.storage.artifact import Artifact, load_artifact
from pipelines.importing.importer import import_tables
from pipelines.scoring.moments import moments_of_leads
from pipelines.simulation.simulator import simulate
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace

LEADS, NAIVE_LEADS, SEED = 1_000_000, 20_000, 29
BAR, BYTES = 10.0, 4e9


class Taken(NamedTuple):
    """Seconds and peak bytes of a command."""

    seconds: float
    peak: float


def run(scale: float, workspace: Path | None = None) -> list[Result]:
    """1 million simulated leads at full scale, with the demo's champion."""
    model = Workspace(workspace or made_demo()).champion
    with tempfile.TemporaryDirectory() as directory:
        company = Workspace(Path(directory))
        simulate(int(LEADS * scale), SEED, company.source)
        import_tables(
            load_mapping("simulated"), company.source, company.tables, company.rejected, resources=Resources.of()
        )
        return compare(company, model, Path(directory) / "scores.parquet")


def compare(company: Workspace, model: Path, out: Path) -> list[Result]:
    """The command on all leads of the company, the naive way on some of them."""
    dataset = Dataset(company.tables)
    leads, events = (pq.read_metadata(dataset.path(table)).num_rows for table in ("leads", "activities"))
    naive, difference = naive_seconds(dataset, load_artifact(model), model)
    ours = score(company, model, out)
    scored = pq.read_metadata(out).num_rows
    size = f"{leads:,} leads, {events:,} activities"
    note = f"{size}: {ours.seconds:.0f} s, {scored / ours.seconds:,.0f} leads/s; naive {1e3 * naive:.1f} ms per lead"
    ratio, peak = scored * naive / ours.seconds, f"{size}: {ours.peak / 1e9:.2f} GB"
    return [
        Result("whylead score with reasons", "pandas and pred_contrib", ratio, BAR, difference, note),
        Result("memory of whylead score", "4 GB", BYTES / ours.peak, 1.0, None, peak),
    ]


def score(company: Workspace, model: Path, out: Path) -> Taken:
    """The command in a process of its own, its start included."""
    arguments = ["score", "--model", str(model), "--workspace", str(company.root), "--out", str(out)]
    arguments.append("--include-closed")  # all leads: the peer scores all of them too
    program = [sys.executable, "-m", "benchmarks.scoring", *arguments]
    started = time.perf_counter()
    found = subprocess.run(program, check=True, capture_output=True, text=True)
    return Taken(time.perf_counter() - started, json.loads(found.stdout.splitlines()[-1]))


def naive_seconds(dataset: Dataset, artifact: Artifact, model: Path) -> tuple[float, float]:
    """Seconds per lead of the naive way, and how far its windows are from the product's."""
    with Tables(dataset) as tables:
        moments = moments_of_leads(tables, None)
        some = moments.lead_index[:NAIVE_LEADS]
        lead_ids = tables.profiles.lead_ids[some]
        expected = artifact.view.compute(tables.records(some), some, moments.at[: some.size])
    activities = _activities_of(dataset, lead_ids.tolist())
    windows = [each for each in artifact.view.windows if is_naive(each)]
    boosters = boosters_of(model)
    started = time.perf_counter()
    found = naive_windows(activities, pd.Index(lead_ids), windows, int(moments.at[0]))
    naive_predictions(boosters, expected)
    seconds = time.perf_counter() - started
    names = [feature.name for feature in artifact.view.features]
    columns = expected[:, [names.index(window.name) for window in windows]]
    differs = np.isnan(found) != np.isnan(columns)
    return seconds / some.size, float("inf") if differs.any() else float(np.nanmax(np.abs(found - columns)))


def _activities_of(dataset: Dataset, lead_ids: list[str]) -> pd.DataFrame:
    table = pq.read_table(dataset.path("activities"))
    found: pd.DataFrame = table.filter(pc.is_in(table["lead_id"], pa.array(lead_ids))).to_pandas()
    return found


def _command() -> None:
    """Run the command line, then print the peak of this process in bytes."""
    from pipelines.cli import main

    try:
        main(sys.argv[1:])
    finally:
        sys.stdout.write(f"\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}\n")


if __name__ == "__main__":
    _command()
