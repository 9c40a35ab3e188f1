"""The part of a draft that says what happened to leads: activities, and the deals with their outcome."""

import re

import pyarrow as pa
from ruamel.yaml.comments import CommentedMap

from pipelines.drafting.draft_leads import lead_key, number_rule, time_rule
from pipelines.drafting.guesses import (
    Outcome,
    Reference,
    closed_of,
    created_of,
    key_of,
    listed,
    mail_words,
    of_mails,
    of_things,
    type_of,
    value_of,
)
from pipelines.drafting.plan import Plan
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.drafting.render import flow, put
from pipelines.importing.chunk import filled
from pipelines.importing.numerals import read_numerals

AMOUNT = re.compile(r"(?i)^(amount|value|close_value|deal[ _]?(value|amount)|price|revenue)$")
REASON = re.compile(r"(?i)(loss|lost|closed).*reason")


def activities_of(plan: Plan) -> list[CommentedMap]:
    """One block for each file of what happened."""
    return [_activities(plan, link) for link in plan.activities]


def _activities(plan: Plan, link: Reference) -> CommentedMap:
    file, columns = link.file, CommentedMap(lead_id=_lead(plan, link))
    when, kind = created_of(file, None), type_of(file)
    assert when is not None
    put(columns, "occurred_at", time_rule(file.columns[when]), "CHECK")
    rule = _type(file.columns[kind]) if kind else flow({"constant": file.name})
    put(columns, "type", rule, "CHECK: use the words of the core list where they fit (docs/mappings.md)")
    about = {name: theirs for name, (_, theirs) in of_things(plan.leads, file).items()}
    for name, column in about.items():
        put(columns, name, column.name, "CHECK: what it is about; leads say it too")
    if (value := value_of(file)) is not None:
        put(columns, "value", number_rule(value), "CHECK")
    for name, column in of_mails(file).items():
        if column.name not in (kind, link.column):
            hidden = column.personal and name != "link"  # of links there are digests anyway
            put(columns, name, flow({"column": column.name, "hash": True}) if hidden else column.name, "CHECK")
    node = CommentedMap({"from": file.name, "where": flow({"column": link.column, "present": True})})
    put(node, "orphans", "ignore", "CHECK: rows of leads that are not there")
    node["columns"] = columns
    return node


def _type(kind: ColumnProfile) -> CommentedMap:
    """The rule for what happened; words of mail systems are translated."""
    words = mail_words(kind)
    return flow({"column": kind.name, "lower": True} | ({"values": flow(words)} if words else {}))


def deals_of(plan: Plan, outcome: Outcome) -> CommentedMap:
    """The block of deals with their outcome."""
    file, closed = outcome.file, closed_of(outcome.file)
    node = _keyed(plan, file)
    columns = node["columns"]
    rule = {"column": outcome.column.name, "values": flow(outcome.values), "other": "reject"}
    put(columns, "outcome", flow(rule), "CHECK: won, lost or open")
    if (opened := created_of(file, closed)) is not None:
        columns["opened_at"] = time_rule(file.columns[opened])
    if closed is not None:
        columns["closed_at"] = time_rule(file.columns[closed])
    amounts = [number_rule(c) for c in file.columns.values() if AMOUNT.search(c.name) and _never_negative(c)]
    reasons = [c.name for c in file.columns.values() if REASON.search(c.name) and c.filled and not c.personal]
    columns.update({name: names[0] for name, names in (("amount", amounts), ("loss_reason", reasons)) if names})
    return node


def _keyed(plan: Plan, file: FileProfile) -> CommentedMap:
    """The block of deals with the keys of deal and lead."""
    link, own, key = plan.deal_lead, file is plan.leads, key_of(file)
    node, columns = CommentedMap({"from": file.name}), CommentedMap()
    where = link.column if link else "lead_of_deal" if plan.lead_deal else plan.created if own else None
    if where is not None and (where not in file.columns or file.columns[where].filled < file.rows):
        node["where"] = flow({"column": where, "present": True})
    if link is not None:
        put(node, "orphans", "ignore", "CHECK: deals of leads that are not there")
    node["columns"] = columns
    if key is not None:
        columns["deal_id"] = lead_key(plan) if own else key
    columns["lead_id"] = _lead(plan, link) if link else "lead_of_deal" if plan.lead_deal else lead_key(plan)
    return node


def _lead(plan: Plan, link: Reference) -> str | CommentedMap:
    """The rule for the id of a lead that another file names."""
    rule: dict[str, str | bool] = {"column": link.column}
    if separator := listed(link.file.columns[link.column]):
        rule["split"] = separator
    if plan.key and plan.leads.columns[plan.key].personal:
        rule["hash"] = True
    return flow(rule) if len(rule) > 1 else link.column


def _never_negative(column: ColumnProfile) -> bool:
    values = read_numerals(column.cells, column.styles[0]) if column.styles else pa.nulls(0, pa.float64())
    return column.kind == "numeric" and bool((values.to_numpy(zero_copy_only=False)[filled(values)] >= 0).all())
