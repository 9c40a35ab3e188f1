"""Row checks: claims about each row of a table that no column's contract can say alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from data_contracts.contract import Column, load_contract
from data_contracts.dataset import DatasetManifest
from data_contracts.expectations import unique_claim

TOLERATED_SHARE = 0.05  # a few odd rows are an export's dirt, many are a wrong mapping
NEVER_FAILS = 1.0
EARLIEST = "1990-01-01"  # dates before it are missing codes: 1900 in spreadsheets, 1970 in databases


@dataclass(frozen=True)
class RowCheck:
    """A claim about each row; ``broken`` is the SQL condition, on the table under its own name, of rows that break it.

    Up to a share ``tolerated`` of the table's rows it is a warning, above it an error.
    """

    name: str
    table: str
    broken: str
    expected: str
    advice: str
    tolerated: float = TOLERATED_SHARE


def row_checks(table: str, manifest: DatasetManifest, cutoff: datetime) -> Iterator[RowCheck]:
    """The checks of a table: those that follow from its contract, then its own."""
    contract = load_contract(table)
    for column in contract.columns:
        yield from _of_column(table, column, cutoff)
    for attribute in manifest.attributes:
        if attribute.table == table and attribute.kind == "numeric":
            yield _finite(table, attribute.name)
    yield from OWN.get(table, ())
    yield from _of_manifest(table, manifest)


def _of_column(table: str, column: Column, cutoff: datetime) -> Iterator[RowCheck]:
    name = quoted(column.name)
    if column.unique:
        again = f"SELECT {name} FROM {table} GROUP BY 1 HAVING count(*) > 1"  # noqa: S608 - names of the contract
        advice = "Remove the repeated rows from the export, or map another column to the key."
        yield RowCheck(unique_claim(column.name), table, f"{name} IN ({again})", "each value once", advice, 0)
    if column.reference is not None:
        yield _reference(table, column)
    if column.kind == "timestamp":
        yield _not_before(table, column)
        yield _not_after(table, column, cutoff)
    if column.kind in ("number", "integer"):
        yield _finite(table, column.name)
    if column.kind == "integer":
        advice = "Check the unit of the column in the export."
        broken = f"isfinite({name}) AND {name} <> floor({name})"
        yield RowCheck(f"{column.name} is whole", table, broken, "whole numbers", advice, NEVER_FAILS)


def _reference(table: str, column: Column) -> RowCheck:
    assert column.reference is not None
    other = column.reference.table
    key = f'{other}."{column.reference.column}"'
    mine = f'{table}."{column.name}"'
    return RowCheck(
        f"{column.name} exists in {other}",
        table,
        f"{mine} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} WHERE {key} = {mine})",  # noqa: S608
        f"a row of {other} for each",
        f"Export {other} of the same period and check that both files write the key alike.",
        # A lead without its account still scores; rows of an unknown lead are lost.
        TOLERATED_SHARE if other == "leads" else NEVER_FAILS,
    )


def _not_before(table: str, column: Column) -> RowCheck:
    return RowCheck(
        f"{column.name} is not before 1990",
        table,
        f"\"{column.name}\" < TIMESTAMPTZ '{EARLIEST} 00:00:00+00'",
        "1990 or later",
        "Declare the date that stands for a missing one as a missing code, or correct the date format.",
    )


def _not_after(table: str, column: Column, cutoff: datetime) -> RowCheck:
    moment = (cutoff.replace(tzinfo=UTC) if cutoff.tzinfo is None else cutoff.astimezone(UTC)).isoformat(sep=" ")
    # The close of an open deal is a plan, not an event.
    decided = " AND outcome <> 'open'" if column.name == "closed_at" else ""
    return RowCheck(
        f"{column.name} is not in the future",
        table,
        f"\"{column.name}\" > TIMESTAMPTZ '{moment}'{decided}",
        f"at most the data cutoff, {moment[:19]} UTC",
        "Correct the date format (day and month swapped?) or the data cutoff in the mapping.",
    )


def _finite(table: str, name: str) -> RowCheck:
    return RowCheck(
        f"{name} is finite",
        table,
        f"isinf({quoted(name)})",
        "finite numbers",
        "Declare what stands for infinity as a missing code in the mapping.",
        0,
    )


def _of_manifest(table: str, manifest: DatasetManifest) -> Iterator[RowCheck]:
    dated = manifest.order == "time"
    if table == "leads" and manifest.order != "none":
        name = "created_at" if dated else "order"
        advice = f"Leads without {name} cannot be placed in time: map a column without gaps to it."
        yield RowCheck(f"{name} places each lead in time", table, f'"{name}" IS NULL', "a value in every row", advice)
    if table == "deals" and dated and manifest.horizon_days != "until_closed":
        advice = "A win without a date cannot be counted: map the close date, or set `horizon_days: until_closed`."
        broken = "outcome <> 'open' AND closed_at IS NULL"
        yield RowCheck("a decided deal has a close", table, broken, "closed_at where the deal is won or lost", advice)
    if table == "changes":
        known = [*load_contract("leads").names, *load_contract("accounts").names]
        listed = ", ".join(_literal(name) for name in [*known, *(each.name for each in manifest.attributes)])
        advice = "Rename the field in the mapping as its column is named; until then its changes are not used."
        yield RowCheck(
            "field is a column", table, f"field NOT IN ({listed})", "a column of leads or accounts", advice, NEVER_FAILS
        )


def quoted(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _before_lead(table: str, time: str, what: str) -> RowCheck:
    created = f"SELECT min(leads.created_at) FROM leads WHERE leads.lead_id = {table}.lead_id"  # noqa: S608
    advice = "Usual where anonymous visits are added later; otherwise check which column holds the lead's creation."
    return RowCheck(
        f"{what} is not before the lead",
        table,
        f"({created}) > {table}.{time}",
        "at or after leads.created_at",
        advice,
        NEVER_FAILS,
    )


OWN: dict[str, tuple[RowCheck, ...]] = {
    "activities": (_before_lead("activities", "occurred_at", "an activity"),),
    "deals": (
        RowCheck(
            "a close is not before the open",
            "deals",
            "outcome <> 'open' AND closed_at < opened_at",
            "closed_at at or after opened_at",
            "Check which columns hold the open and the close, and their date formats.",
        ),
        _before_lead("deals", "opened_at", "an open"),
    ),
    "dispositions": (_before_lead("dispositions", "at", "a disposition"),),
    "changes": (
        RowCheck(
            "a change names a lead or an account",
            "changes",
            "(lead_id IS NULL) = (account_id IS NULL)",
            "one of lead_id and account_id",
            "Map the column that says whose value changed.",
        ),
    ),
}
