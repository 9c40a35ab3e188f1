"""Nothing dated at or after a snapshot changes a feature: rows added to, and taken from, a simulated company."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.dataset import TABLES, Dataset
from data_contracts.mapping.mapping import load_mapping
from features.arrays import DAY, Floats
from features.event_types import CORE_TYPES
from features.view import FeatureView
from pipelines.importing.importer import import_tables
from pipelines.simulation.simulator import simulate
from pipelines.workspace.resources import Resources
from tests.datasets import load_records, write_dataset

LEADS = 250
BEGIN = datetime(2023, 10, 1, tzinfo=UTC)
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Rows = list[dict[str, Any]]
Change = Callable[[str, Rows, datetime], Rows]
TIME_OF = {"activities": "occurred_at", "deals": "closed_at", "dispositions": "at", "changes": "changed_at"}
KEY_OF = {"activities": "activity_id", "deals": "deal_id", "dispositions": "disposition_id"}
TOLD: dict[str, tuple[str, tuple[str, ...]]] = {
    "activities": ("type", CORE_TYPES),
    "deals": ("outcome", ("won", "lost")),
    "dispositions": ("verdict", ("ready",)),
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    directory = tmp_path_factory.mktemp("simulated")
    simulate(LEADS, 3, directory / "source")
    import_tables(
        load_mapping("simulated"),
        directory / "source",
        directory / "tables",
        directory / "rejected",
        resources=Resources.of(),
    )
    return Dataset(directory / "tables")


@pytest.fixture(scope="module")
def view(company: Dataset) -> FeatureView:
    records = load_records(company)
    lead = np.repeat(np.arange(LEADS), 4)
    moment = records.created_at[lead] + np.tile(np.array([3, 20, 60, 200]) * DAY, LEADS)
    return FeatureView.fit(records, lead, moment, company.manifest.attributes, at_fixed_ages=False)


def changed(company: Dataset, directory: Path, moment: datetime, change: Change) -> Dataset:
    tables = {name: pq.read_table(company.path(name)).to_pylist() for name in TABLES}
    for name in TIME_OF:
        tables[name] = change(name, tables[name], moment)
    return write_dataset(directory, **tables, manifest=company.manifest)


def matrix(dataset: Dataset, view: FeatureView, moment: datetime) -> Floats:
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return view.compute(load_records(dataset), np.arange(LEADS), np.full(LEADS, microseconds))


def without_the_future(table: str, rows: Rows, moment: datetime) -> Rows:
    time = TIME_OF[table]
    return [row for row in rows if row[time] is None or row[time] < moment]


def with_more_future(table: str, rows: Rows, moment: datetime) -> Rows:
    """Every row once more, at the snapshot or right after it, and telling the most that such a row can tell."""
    more = [{**row, TIME_OF[table]: moment + timedelta(microseconds=n % 7)} for n, row in enumerate(rows)]
    for number, row in enumerate(more):
        if table in TOLD:
            column, words = TOLD[table]
            row |= {KEY_OF[table]: f"again {number}", column: words[number % len(words)]}
    return more + rows


@pytest.mark.parametrize("change", [without_the_future, with_more_future])
@given(days=st.floats(0, 650))
@FEW
def test_what_happens_at_or_after_the_snapshot_changes_no_feature(
    company: Dataset, view: FeatureView, tmp_path: Path, change: Change, days: float
) -> None:
    moment = BEGIN + timedelta(days=days)
    as_it_was = matrix(company, view, moment)
    as_it_is = matrix(changed(company, tmp_path / "changed", moment, change), view, moment)
    assert as_it_is.tobytes() == as_it_was.tobytes()


def test_what_happens_before_the_snapshot_changes_features(company: Dataset, view: FeatureView, tmp_path: Path) -> None:
    """The same rows, an hour earlier than the snapshot: the test above would notice."""
    moment = BEGIN + timedelta(days=400)
    earlier = changed(company, tmp_path, moment - timedelta(hours=1), with_more_future)
    differs = (matrix(earlier, view, moment) != matrix(company, view, moment)).any(axis=0)
    names = {feature.name for feature, each in zip(view.features, differs, strict=True) if each}
    assert {"any.recency", "account.deal_won.count", "verdict_ready.count", "lead.crm_points"} <= names
