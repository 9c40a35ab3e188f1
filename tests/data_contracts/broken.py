"""A dataset in which everything holds, and ways to break one thing at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data_contracts.dataset import TABLES, Attribute, Dataset, DatasetManifest
from tests.datasets import CUTOFF, write_dataset

LEADS = 100
ATTRIBUTES = (
    Attribute(table="leads", name="visits", kind="numeric", label="Visits"),
    Attribute(table="leads", name="city", kind="categorical", label="City"),
    Attribute(table="accounts", name="is_partner", kind="boolean", label="Partner"),
)
MANIFEST = DatasetManifest(mapping="test", order="time", data_cutoff=CUTOFF, attributes=ATTRIBUTES)
Rows = dict[str, list[dict[str, Any]]]


def day(number: float) -> datetime:
    """A moment of 2024, days after its start."""
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)


def sound() -> Rows:
    """Rows of all six tables: 50 leads won, 50 lost, every column filled, nothing broken."""
    texts = dict.fromkeys(("source", "channel", "campaign", "job_title", "seniority", "department", "country"), "x")
    flags = dict.fromkeys(("has_name", "has_phone", "has_social"), True)
    rows: Rows = {table: [] for table in TABLES}
    for i in range(LEADS):
        lead = {"lead_id": f"L{i}"}
        own = {"visits": float(i), "city": f"city {i % 7}", "language": "en", "email_kind": "free"}
        rows["leads"].append(
            lead | {"account_id": f"A{i}", "created_at": day(i), "order": float(i)} | texts | flags | own
        )
        rows["accounts"].append(
            {
                "account_id": f"A{i}",
                "industry": "x",
                "employees": 5.0,
                "annual_revenue": 1e6,
                "founded_year": 1990.0,
                "country": "es",
                "kind": "prospect",
                "is_partner": i % 2 == 0,
            }
        )
        rows["activities"].append(
            lead
            | {"activity_id": f"T{i}", "occurred_at": day(i + 1), "type": "page_view", "channel": "web"}
            | {"campaign": "c", "value": 1.0, "is_automated": False}
        )
        rows["deals"].append(
            lead
            | {"deal_id": f"D{i}", "opened_at": day(i + 2), "closed_at": day(i + 3), "amount": 10.0}
            | {"outcome": ("won", "lost")[i % 2], "loss_reason": "price"}
        )
        rows["dispositions"].append(
            lead
            | {"disposition_id": f"P{i}", "at": day(i + 1), "by": "s1", "verdict": "accepted", "reason": "r"}
            | {"budget": True, "authority": True, "need": True, "timeline": False, "sentiment": 0.5}
        )
        rows["changes"].append(lead | {"field": "city", "value": "x", "changed_at": day(i + 1)})
    rows["changes"].append({"account_id": "A1", "field": "industry", "value": "x", "changed_at": day(9)})
    return rows


def write(directory: Path, rows: Mapping[str, list[dict[str, Any]]], manifest: DatasetManifest = MANIFEST) -> Dataset:
    """Write rows as a dataset."""
    return write_dataset(directory, **rows, manifest=manifest)


def changed(table: str, column: str, values: list[Any]) -> Rows:
    """Sound rows in which the first rows of a table have other values in a column."""
    rows = sound()
    for row, value in zip(rows[table], values, strict=False):
        row[column] = value
    return rows
