"""The part of a draft that says what happened to leads: activities, and the deals with their outcome."""

import re

from data_contracts.rules import Rule
from pipelines.drafting.draft_leads import lead_key, time_rule
from pipelines.drafting.guesses import Reference, closed_of, created_of, key_of, listed, type_of
from pipelines.drafting.plan import Plan
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.drafting.render import Page, flow, quoted
from pipelines.importing.cells import numbers
from pipelines.importing.chunk import filled

AMOUNT = re.compile(r"(?i)^(amount|value|close_value|deal[ _]?(value|amount)|price|revenue)$")
REASON = re.compile(r"(?i)(loss|lost|closed).*reason")


def write_activities(page: Page, made: Plan) -> None:
    """One block for each file of what happened."""
    if made.activities:
        page.add(2, "activities:")
    for link in made.activities:
        file = link.file
        when = created_of(file, None)
        assert when is not None
        page.add(4, f"- from: {file.name}")
        page.add(6, f"where: {flow({'column': quoted(link.column), 'present': 'true'})}")
        page.add(6, "orphans: ignore", "CHECK: rows of leads that are not there")
        page.add(6, "columns:")
        page.add(8, f"lead_id: {_names_lead(made, link)}")
        page.add(8, f"occurred_at: {time_rule(file.columns[when])}", "CHECK")
        kind = type_of(file)
        text = flow({"column": quoted(kind), "lower": "true"}) if kind else flow({"constant": quoted(file.name)})
        page.add(8, f"type: {text}", "CHECK: use the words of the core list where they fit (docs/mappings.md)")


def write_deals(page: Page, made: Plan) -> None:
    """The outcome, or where to say it."""
    if made.outcome is None:
        page.remark(2, "CHECK: no outcome was found. Say where it stands, such as")
        page.remark(2, "deals: {from: FILE, columns: {lead_id: ID, outcome: {column: STAGE, values: {Closed: won}}}}")
        return
    file, closed = made.outcome.file, closed_of(made.outcome.file)
    page.add(2, "deals:")
    page.add(4, f"from: {file.name}")
    _write_keys(page, made, file)
    values = flow({quoted(value): meaning for value, meaning in made.outcome.values.items()})
    rule = {"column": quoted(made.outcome.column.name), "values": values, "other": "reject"}
    page.add(6, f"outcome: {flow(rule)}", "CHECK: won, lost or open")
    if (opened := created_of(file, closed)) is not None:
        page.add(6, f"opened_at: {time_rule(file.columns[opened])}")
    if closed is not None:
        page.add(6, f"closed_at: {time_rule(file.columns[closed])}")
    amounts = [c for c in file.columns.values() if AMOUNT.search(c.name) and _never_negative(c)]
    reasons = [c for c in file.columns.values() if REASON.search(c.name) and c.filled and not c.personal]
    for name, found in (("amount", amounts), ("loss_reason", reasons)):
        if found:
            page.add(6, f"{name}: {quoted(found[0].name)}")


def _write_keys(page: Page, made: Plan, file: FileProfile) -> None:
    link, own, key = made.deal_lead, file is made.leads, key_of(file)
    where = link.column if link else "lead_of_deal" if made.lead_deal else made.created if own else None
    if where is not None and (where not in file.columns or file.columns[where].filled < file.rows):
        page.add(4, f"where: {flow({'column': quoted(where), 'present': 'true'})}")
    if link is not None:
        page.add(4, "orphans: ignore", "CHECK: deals of leads that are not there")
    page.add(4, "columns:")
    if key is not None:
        page.add(6, f"deal_id: {lead_key(made) if own else quoted(key)}")
    page.add(6, f"lead_id: {_names_lead(made, link) if link else 'lead_of_deal' if made.lead_deal else lead_key(made)}")


def _names_lead(made: Plan, link: Reference) -> str:
    rule = {"column": quoted(link.column)}
    if separator := listed(link.file.columns[link.column]):
        rule["split"] = quoted(separator)
    if made.key and made.leads.columns[made.key].personal:
        rule["hash"] = "true"
    return flow(rule) if len(rule) > 1 else quoted(link.column)


def _never_negative(column: ColumnProfile) -> bool:
    values = numbers(column.cells, Rule())
    return column.kind == "numeric" and bool((values.to_numpy(zero_copy_only=False)[filled(values)] >= 0).all())
