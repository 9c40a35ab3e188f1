"""Checks of each row of a table that no column's contract can make alone."""

from collections.abc import Iterator

from data_contracts.checks.spec import ANY_SHARE, BrokenRows, CheckSpec
from data_contracts.contract import load_contract
from data_contracts.dataset import DatasetManifest


def row_checks(table: str, manifest: DatasetManifest) -> Iterator[CheckSpec]:
    """The checks of a table: those it always has, then those that follow from what the dataset is."""
    yield from OWN.get(table, ())
    dated = manifest.order == "time"
    if table == "leads" and manifest.order != "none":
        yield _placed_in_time("created_at" if dated else "order")
    if table == "deals" and dated and manifest.horizon_days != "until_closed":
        yield WON_IN_TIME
    if table == "changes":
        yield _known_field(manifest)


def _placed_in_time(name: str) -> CheckSpec:
    advice = f"Leads without {name} cannot be placed in time: map a column without gaps to it."
    metric = BrokenRows(f'"{name}" IS NULL')
    return CheckSpec("leads", f"{name} places each lead in time", "a value in every row", advice, metric=metric)


def _known_field(manifest: DatasetManifest) -> CheckSpec:
    attributes = (each.name for each in manifest.attributes)
    known = [*load_contract("leads").names, *load_contract("accounts").names, *attributes]
    literals = ", ".join("'" + name.replace("'", "''") + "'" for name in known)
    return CheckSpec(
        "changes",
        "field is a column",
        "a column of leads or accounts",
        "Rename the field in the mapping as its column is named; until then its changes are not used.",
        metric=BrokenRows(f"field NOT IN ({literals})", ANY_SHARE),
    )


def _before_lead(table: str, time: str, what: str) -> CheckSpec:
    created = f"SELECT min(leads.created_at) FROM leads WHERE leads.lead_id = {table}.lead_id"  # noqa: S608
    return CheckSpec(
        table,
        f"{what} is not before the lead",
        "at or after leads.created_at",
        "Usual where anonymous visits are added later; otherwise check which column holds the lead's creation.",
        metric=BrokenRows(f"({created}) > {table}.{time}", ANY_SHARE),
    )


WON_IN_TIME = CheckSpec(
    "deals",
    "a won deal has a close",
    "closed_at where the deal is won",
    "A win without a date cannot be counted: map the close date, or set `horizon_days: until_closed`.",
    metric=BrokenRows("outcome = 'won' AND closed_at IS NULL"),
)
OWN: dict[str, tuple[CheckSpec, ...]] = {
    "activities": (_before_lead("activities", "occurred_at", "an activity"),),
    "deals": (
        CheckSpec(
            "deals",
            "a close is not before the open",
            "closed_at at or after opened_at",
            "Check which columns hold the open and the close, and their date formats.",
            metric=BrokenRows("outcome <> 'open' AND closed_at < opened_at"),
        ),
        _before_lead("deals", "opened_at", "an open"),
    ),
    "dispositions": (_before_lead("dispositions", "at", "a disposition"),),
    "changes": (
        CheckSpec(
            "changes",
            "a change names a lead or an account",
            "one of lead_id and account_id",
            "Map the column that says whose value changed.",
            metric=BrokenRows("(lead_id IS NULL) = (account_id IS NULL)"),
        ),
    ),
}
