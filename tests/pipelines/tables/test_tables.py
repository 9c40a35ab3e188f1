import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.dataset import Dataset, DatasetManifest
from data_contracts.errors import FileError, InputError
from features.arrays import DAY, NO_TIME, Floats
from features.labels.labels import LOST, OPEN, WON
from pipelines.tables.outcomes import data_cutoff, load_deals, load_first_activity, load_order
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from tests.datasets import load_records, write_dataset
from tests.features.companies import (
    ATTRIBUTES,
    Company,
    Row,
    companies,
    moments,
    requests_of,
    view_of_everything,
)
from tests.features.requests import records_of

VIEW = view_of_everything()
TIMES = ("created_at", "occurred_at", "closed_at", "at", "changed_at")
FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SETTINGS = ("memory_limit", "threads")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dated(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            key: EPOCH + timedelta(microseconds=value) if key in TIMES and value is not None else value
            for key, value in row.items()
        }
        for row in rows
    ]


def tables_of(company: Company, directory: Path) -> Dataset:
    return write_dataset(
        directory,
        leads=dated(company.leads),
        accounts=dated(company.accounts),
        activities=dated(company.activities),
        deals=dated(company.deals),
        dispositions=dated(company.dispositions),
        changes=dated(company.changes),
        manifest=DatasetManifest(mapping="test", order="time", attributes=ATTRIBUTES),
    )


def matrix(company: Company, as_of: int) -> Floats:
    with tempfile.TemporaryDirectory() as directory:
        records = load_records(tables_of(company, Path(directory)))
    return VIEW.compute(records, np.arange(len(company.leads)), np.full(len(company.leads), as_of))


@given(companies(), moments)
@FEW
def test_a_request_equals_the_row_of_the_tables(company: Company, as_of: int) -> None:
    requests = requests_of(company, as_of)
    live = VIEW.compute(records_of(requests), np.arange(len(requests)), np.full(len(requests), as_of))
    assert live.tobytes() == matrix(company, as_of).tobytes()


@given(companies(), moments, st.randoms(use_true_random=False))
@FEW
def test_the_order_of_rows_in_the_tables_changes_nothing(company: Company, as_of: int, random: Any) -> None:
    shuffled = Company(
        leads=company.leads,
        accounts=random.sample(company.accounts, len(company.accounts)),
        activities=random.sample(company.activities, len(company.activities)),
        deals=random.sample(company.deals, len(company.deals)),
        dispositions=random.sample(company.dispositions, len(company.dispositions)),
        changes=random.sample(company.changes, len(company.changes)),
    )
    assert matrix(shuffled, as_of).tobytes() == matrix(company, as_of).tobytes()


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    return write_dataset(
        tmp_path,
        leads=[
            {"lead_id": "b", "account_id": "listed", "created_at": at, "source": "web"},
            {"lead_id": "a", "account_id": "only named", "created_at": None, "source": None},
            {"lead_id": "c", "account_id": None, "created_at": at + timedelta(days=2), "source": "fair"},
        ],
        accounts=[{"account_id": "listed", "industry": "steel", "employees": 12}],
        activities=[
            {"activity_id": "1", "lead_id": "c", "occurred_at": at, "type": "page_view"},
            {"activity_id": "2", "lead_id": "b", "occurred_at": at + timedelta(days=9), "type": "call", "value": 3.5},
            {"activity_id": "3", "lead_id": "b", "occurred_at": at + timedelta(days=1), "type": "page_view"},
        ],
        deals=[
            {"deal_id": "1", "lead_id": "c", "closed_at": at + timedelta(days=30), "outcome": "won"},
            {"deal_id": "2", "lead_id": "b", "closed_at": None, "outcome": "lost"},
            {"deal_id": "3", "lead_id": "b", "closed_at": at, "outcome": "open"},
        ],
        manifest=DatasetManifest(mapping="test", order="time"),
    )


@pytest.fixture
def tables(dataset: Dataset) -> Iterator[Tables]:
    with Tables(dataset) as tables:
        yield tables


def test_leads_keep_the_order_of_the_file(tables: Tables) -> None:
    records = tables.records()
    assert records.lead_ids.tolist() == ["b", "a", "c"]
    assert records.created_at[1] == NO_TIME
    assert records.account_of.tolist() == [0, 1, -1]


def test_accounts_that_only_leads_name_have_missing_columns(tables: Tables) -> None:
    employees = tables.records().accounts["employees"]
    assert isinstance(employees, np.ndarray)
    np.testing.assert_array_equal(employees, [12, np.nan])


def test_events_are_in_order_of_time_within_their_lead(tables: Tables) -> None:
    events = tables.records().lead_events
    assert events.starts.tolist() == [0, 2, 2, 3]
    assert [events.type.levels[code] for code in events.type.codes] == ["page_view", "call", "page_view"]
    np.testing.assert_array_equal(events.value, [np.nan, 3.5, np.nan])


def test_deals_know_their_lead_and_outcome(tables: Tables) -> None:
    deals = load_deals(tables)
    assert sorted(zip(deals.lead.tolist(), deals.outcome.tolist(), strict=True)) == [(0, OPEN), (0, LOST), (2, WON)]
    assert (deals.closed_at[deals.lead == 0] == NO_TIME).all()


def test_the_cutoff_is_the_newest_time_unless_the_mapping_says(tables: Tables) -> None:
    assert data_cutoff(tables) == datetime(2024, 5, 31, tzinfo=UTC)


def test_leads_are_ordered_by_their_creation_where_they_have_no_order(tables: Tables) -> None:
    order = load_order(tables)
    assert order is not None
    assert np.isnan(order).tolist() == [False, True, False]
    assert order[0] < order[2]


def test_the_first_activity_of_some_types_is_the_earliest(tables: Tables) -> None:
    first = load_first_activity(tables, ("call", "page_view", "webinar"))
    day = int((datetime(2024, 5, 1, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))
    assert first.tolist() == [day + DAY, NO_TIME, day]


def test_only_the_events_of_wanted_leads_are_loaded(tables: Tables) -> None:
    records = tables.records(np.array([2]))
    assert records.lead_events.starts.tolist() == [0, 0, 0, 1]
    assert records.lead_ids.tolist() == ["b", "a", "c"]


def test_ids_become_positions_and_an_unknown_one_is_named(tables: Tables) -> None:
    assert tables.positions(["c", "b"]).tolist() == [2, 0]
    with pytest.raises(InputError, match=r"leads\.parquet has no lead 'd'"):
        tables.positions(["c", "d"])


def test_a_missing_table_is_named(dataset: Dataset) -> None:
    dataset.path("deals").unlink()
    with pytest.raises(FileError, match=r"deals\.parquet does not exist"):
        Tables(dataset).__enter__()


@pytest.mark.parametrize(
    ("table", "column"), [("activities", "related_to"), ("activities", "automated_after"), ("dispositions", "verdict")]
)
def test_tables_of_an_earlier_version_are_to_be_imported_again(dataset: Dataset, table: str, column: str) -> None:
    path = dataset.path(table)
    pq.write_table(pq.read_table(path).drop_columns(column), path)
    expected = rf"{table}\.parquet lacks what its contract has: {column}\..*`whylead import` again"
    with Tables(dataset) as tables, pytest.raises(FileError, match=f"(?s){expected}"):
        tables.records()


def test_an_event_is_about_what_its_row_names_or_else_its_campaign(tmp_path: Path) -> None:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    named = [("o", "discount", "c"), ("", None, "c"), (None, "discount", ""), (None, None, None)]
    rows = [
        {"activity_id": str(number), "lead_id": "a", "occurred_at": at + timedelta(number), "type": "call"}
        | dict(zip(("related_to", "related_kind", "campaign"), each, strict=True))
        for number, each in enumerate(named)
    ]
    with Tables(write_dataset(tmp_path, leads=[{"lead_id": "a"}], activities=rows)) as tables:
        related = tables.records().lead_events.related
    assert related.things == (("", "discount"), ("c", ""), ("o", "discount"))
    assert related.codes.tolist() == [2, 1, 0, -1]


def test_more_things_than_there_are_codes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.tables.events.MAX_THINGS", 1)
    at = datetime(2024, 5, 1, tzinfo=UTC)
    rows = [
        {"activity_id": each, "lead_id": "a", "occurred_at": at, "type": "call", "related_to": each} for each in "xy"
    ]
    dataset = write_dataset(tmp_path, leads=[{"lead_id": "a"}], activities=rows)
    with Tables(dataset) as tables, pytest.raises(InputError, match="about 2 different things, more than 1"):
        tables.records()


def test_the_database_keeps_to_its_share_of_the_memory(dataset: Dataset) -> None:
    with Tables(dataset, Resources(threads=3, memory=512 * 2**20)) as tables:
        settings = [tables.database.execute(f"SELECT current_setting('{name}')").fetchall() for name in SETTINGS]
    assert settings == [[("256.0 MiB",)], [(3,)]]
