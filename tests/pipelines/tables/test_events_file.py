"""The events file: what it holds, when it is used, and when it is made again."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.dataset import Dataset
from features.records.records import Events, Records
from pipelines.tables import events_file
from pipelines.tables.events_file import NAME, open_events
from pipelines.tables.events_writer import group_events
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from tests.datasets import load_records, write_dataset

START = datetime(2024, 1, 1, tzinfo=UTC)
RESOURCES = Resources(threads=2, memory=1 << 30)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def activity(number: int, lead: str, day: int, kind: str = "page_view", **columns: Any) -> dict[str, Any]:
    return {"activity_id": f"A{number}", "lead_id": lead, "occurred_at": at(day), "type": kind, **columns}


def company(directory: Path, value: float = 3.0, leads: tuple[str, ...] = ("b", "a", "c")) -> Dataset:
    """Leads of one account with activities in no order, one answer, and one deal."""
    return write_dataset(
        directory,
        leads=[{"lead_id": lead, "account_id": "X", "created_at": at(0)} for lead in leads],
        accounts=[{"account_id": "X"}],
        activities=[
            activity(1, "a", 9, "call", value=value, is_automated=False),
            activity(2, "b", 4, related_to="offer 7", related_kind="discount", is_automated=True),
            activity(3, "a", 2, "email_open", campaign="spring"),
        ],
        dispositions=[{"lead_id": "a", "at": at(5), "verdict": "accepted", "budget": True}],
        deals=[{"deal_id": "D", "lead_id": "b", "opened_at": at(3), "closed_at": at(6), "outcome": "won"}],
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return company(tmp_path)


def grouped(dataset: Dataset) -> Dataset:
    group_events(dataset, RESOURCES)
    return dataset


def columns(events: Events) -> list[list[Any]]:
    kinds = [events.type.levels[code] for code in events.type.codes]
    things = [events.related.things[code] if code >= 0 else None for code in events.related.codes]
    numbers = [np.nan_to_num(events.value, nan=-1).tolist(), events.automated.tolist(), events.lead.tolist()]
    return [events.starts.tolist(), events.at.tolist(), kinds, things, *numbers]


def everything(records: Records) -> list[list[list[Any]]]:
    return [columns(records.lead_events), columns(records.account_events)]


def test_events_are_by_lead_and_in_order_with_what_sales_answered(dataset: Dataset) -> None:
    starts, _, kinds, things, values, automated, leads = columns(load_records(grouped(dataset)).lead_events)
    assert starts == [0, 1, 5, 5]
    assert kinds == ["page_view", "email_open", "bant_budget", "verdict_accepted", "call"]
    assert things == [("offer 7", "discount"), ("spring", ""), None, None, None]
    assert values == [-1, -1, 1, -1, 3]
    assert automated == [True, False, False, False, False]
    assert leads == [0, 1, 1, 1, 1]


def test_what_sales_answered_is_not_in_the_timeline_of_the_account(dataset: Dataset) -> None:
    _, _, kinds, _, _, _, leads = columns(load_records(grouped(dataset)).account_events)
    assert kinds == ["lead_created"] * 3 + ["email_open", "page_view", "deal_won", "call"]
    assert leads == [0, 1, 2, 1, 0, 0, 1]


@pytest.mark.parametrize("events_per_bucket", [100_000, 1])
def test_an_absent_file_changes_no_record(
    dataset: Dataset, events_per_bucket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.tables.block_plan.EVENTS_PER_BUCKET", events_per_bucket)
    without = everything(load_records(dataset))
    assert not (dataset.directory / NAME).exists()
    assert everything(load_records(grouped(dataset))) == without


def test_a_file_of_these_tables_is_read_without_the_database(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = write_dataset(dataset.directory, leads=[{"lead_id": "a"}], activities=[activity(1, "a", 1)])
    group_events(alone, RESOURCES)

    def refuse(*_: object) -> None:
        raise AssertionError("the database was opened")

    monkeypatch.setattr("pipelines.tables.tables.open_database", refuse)
    assert load_records(alone).lead_events.at.size == 1


@pytest.mark.parametrize("table", events_file.SOURCES)
def test_a_file_that_is_older_than_a_table_is_not_used(dataset: Dataset, table: str) -> None:
    grouped(dataset)
    later = (dataset.directory / NAME).stat().st_mtime_ns + 1
    os.utime(dataset.path(table), ns=(later, later))
    assert open_events(dataset) is None


def test_a_file_of_other_tables_is_not_used_whatever_its_age(tmp_path: Path) -> None:
    other, these = grouped(company(tmp_path / "other", value=5.0)), company(tmp_path / "these")
    content = (other.directory / NAME).read_bytes()
    (these.directory / NAME).write_bytes(content)
    assert open_events(these) is None
    assert 3.0 in load_records(these).lead_events.value


def test_leads_in_another_order_make_another_file(tmp_path: Path) -> None:
    other, these = grouped(company(tmp_path / "other", leads=("a", "b", "c"))), company(tmp_path / "these")
    (these.directory / NAME).write_bytes((other.directory / NAME).read_bytes())
    assert open_events(these) is None


@pytest.mark.parametrize("broken", ["no parquet", "no metadata", "cut off", "another format"])
def test_a_file_that_cannot_be_read_is_made_again(
    dataset: Dataset, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, path = everything(load_records(grouped(dataset))), dataset.directory / NAME
    if broken == "no parquet":
        path.write_bytes(b"nothing that could be read")
    elif broken == "no metadata":
        pq.write_table(pa.table({"lead": [1]}), path)
    elif broken == "cut off":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        monkeypatch.setattr(events_file, "FORMAT", events_file.FORMAT + 1)
    assert open_events(dataset) is None
    assert everything(load_records(dataset)) == expected


def test_events_of_wanted_leads_only_are_loaded(dataset: Dataset) -> None:
    with Tables(grouped(dataset)) as tables:
        events = tables.records(np.array([0])).lead_events
    assert columns(events)[0] == [0, 1, 1, 1]
    assert columns(events)[2] == ["page_view"]


def test_blocks_begin_where_groups_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.tables.block_plan.EVENTS_PER_BUCKET", 10)
    leads = [f"L{number}" for number in range(30)]
    dataset = write_dataset(
        tmp_path,
        leads=[{"lead_id": lead} for lead in leads],
        activities=[activity(number, lead, number) for number, lead in enumerate(leads)],
    )
    with Tables(grouped(dataset)) as tables, tables.blocks() as blocks:
        assert [blocks.bounds(number) for number in range(len(blocks))] == [(0, 10), (10, 20), (20, 30)]
        assert [blocks.load(number).lead_events.at.size for number in range(3)] == [10, 10, 10]
        assert [list(tables.events.groups(*bounds)) for bounds in ((0, 10), (9, 11), (29, 30), (5, 5))] == [
            [0], [0, 1], [2], [],
        ]  # fmt: skip
