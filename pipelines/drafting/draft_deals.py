"""The part of a draft that says what happened to leads: activities, and the deals with their outcome."""

import re

from ruamel.yaml.comments import CommentedMap

from pipelines.drafting.dates import created_of, step_of
from pipelines.drafting.draft_leads import (
    amounts_of,
    doubt_of,
    doubt_of_currency,
    doubt_of_numbers,
    lead_key,
    number_rule,
    time_rule,
)
from pipelines.drafting.guesses import (
    Reference,
    key_of,
    listed,
    mail_words,
    of_mails,
    of_things,
    type_of,
    value_of,
)
from pipelines.drafting.outcomes import Outcome, moment_of, steps_of
from pipelines.drafting.plan import Plan
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.drafting.render import flow, listing, put, remark_above
from pipelines.importing.vocabulary import says

REASON = re.compile(r"(?i)(loss|lost|closed).*reason")


def activities_of(plan: Plan) -> list[CommentedMap]:
    """One block for each file of what happened; in a history each step before the last did."""
    blocks = [_activities(plan, link) for link in plan.activities]
    return [*blocks, _steps(plan)] if plan.steps is not None else blocks


def _steps(plan: Plan) -> CommentedMap:
    """The steps of a history that is all that there is, but for those that end a deal."""
    assert plan.outcome is not None
    assert plan.steps is not None
    when = step_of(plan.leads, plan.steps)
    stage = plan.outcome.column.name
    columns = CommentedMap(lead_id=lead_key(plan))
    put(columns, "occurred_at", time_rule(plan.leads.columns[str(when)]), "CHECK: when the step was taken")
    columns["type"] = flow({"column": stage, "lower": True})
    where = flow({"column": stage, "is_not": listing(plan.outcome.decided)})
    return CommentedMap({"from": plan.leads.name, "where": where, "columns": columns})


def _activities(plan: Plan, link: Reference) -> CommentedMap:
    file, columns = link.file, CommentedMap(lead_id=_lead(plan, link))
    steps = steps_of(file)
    when = moment_of(file)
    kind = steps.column.name if steps is not None else type_of(file)
    assert when is not None
    doubt = doubt_of(file.columns[when])
    put(columns, "occurred_at", time_rule(file.columns[when]), f"CHECK: {doubt}" if doubt else "CHECK")
    rule = _type(file.columns[kind]) if kind else flow({"constant": file.name})
    put(columns, "type", rule, "CHECK: use the words of the core list where they fit (docs/mappings.md)")
    about = {name: theirs for name, (_, theirs) in of_things(plan.leads, file).items()}
    for name, column in about.items():
        put(columns, name, column.name, "CHECK: what it is about; leads say it too")
    if (value := value_of(file)) is not None:
        put(columns, "value", number_rule(value), "; ".join(filter(None, ["CHECK", doubt_of_numbers(value)])))
    for name, column in of_mails(file).items():
        if column.name not in (kind, link.column):
            hidden = column.personal and name != "link"  # of links there are digests anyway
            put(columns, name, flow({"column": column.name, "hash": True}) if hidden else column.name, "CHECK")
    there = flow({"column": link.column, "present": True})
    node = CommentedMap({"from": file.name, "where": there})
    if steps is not None:  # the step that ends a deal may be stamped a moment before the deal is
        node["where"] = [there, flow({"column": steps.column.name, "is_not": listing(steps.decided)})]
    put(node, "orphans", "ignore", "CHECK: rows of leads that are not there")
    node["columns"] = columns
    return node


def _type(kind: ColumnProfile) -> CommentedMap:
    """The rule for what happened; words of mail systems are translated."""
    words = mail_words(kind)
    return flow({"column": kind.name, "lower": True} | ({"values": flow(words)} if words else {}))


def deals_of(plan: Plan, outcome: Outcome) -> CommentedMap:
    """The block of deals with their outcome."""
    file, closing = outcome.file, plan.closing
    node = _keyed(plan, file)
    columns = node["columns"]
    if outcome.values:
        put(columns, "outcome", _ends(outcome), "CHECK: won, lost or open")
    else:
        put(columns, "outcome", flow({"constant": "won"}), "CHECK: each row with a date is taken for a sale")
    opened = None if plan.steps is not None else created_of(file, closing)
    if opened is not None and "opened_at" not in plan.left_out:
        _put_time(columns, "opened_at", file.columns[opened])
    if closing is not None and "closed_at" not in plan.left_out:
        _put_time(columns, "closed_at", *(file.columns[name] for name in closing.columns), doubt=closing.doubt)
    for amount in amounts_of(file)[:1]:
        doubt = "; ".join(filter(None, (doubt_of_numbers(amount), doubt_of_currency(amount, file))))
        put(columns, "amount", number_rule(amount), f"CHECK: {doubt}" if doubt else "")
    if (reason := reason_of(file)) is not None:
        columns["loss_reason"] = reason.name
    remarks = [f"CHECK: {name} is left out. With it {why}." for name, why in plan.left_out.items()]
    remark_above(node, "columns", remarks, indent=4)
    return node


def _ends(outcome: Outcome) -> CommentedMap:
    """The rule for how a deal ended."""
    names = outcome.columns
    read = {"column": names[0]} if len(names) == 1 else {"template": "/".join(f"{{{name}}}" for name in names)}
    values = {value: means for value, means in outcome.values.items() if means != "open" or not outcome.history}
    return flow({**read, "values": flow(values), "other": "reject"})


def reason_of(file: FileProfile) -> ColumnProfile | None:
    """The column that says why deals were lost."""
    named = (c for c in file.columns.values() if REASON.search(c.name) or says(c.name, "loss_reason"))
    return next((c for c in named if c.filled and not c.personal), None)


def _put_time(columns: CommentedMap, name: str, *read: ColumnProfile, doubt: str = "") -> None:
    doubts = "; ".join(each for each in (doubt, doubt_of(*read)) if each)
    put(columns, name, time_rule(*read), f"CHECK: {doubts}" if doubts else "")


def _keyed(plan: Plan, file: FileProfile) -> CommentedMap:
    """The block of deals with the keys of deal and lead."""
    link, own, key = plan.deal_lead, file is plan.leads, key_of(file)
    node, columns = CommentedMap({"from": file.name}), CommentedMap()
    where = link.column if link else "lead_of_deal" if plan.lead_deal else plan.created if own else None
    if where is not None and (where not in file.columns or file.columns[where].filled < file.rows):
        node["where"] = flow({"column": where, "present": True})
    if link is not None:
        put(node, "orphans", "ignore", "CHECK: deals of leads that are not there")
    if plan.outcome is not None and not plan.outcome.values:
        there = flow({"column": plan.outcome.column.name, "present": True})
        node["where"] = [node["where"], there] if link is not None and "where" in node else there
    if plan.outcome is not None and plan.outcome.history:
        ends = flow({"column": plan.outcome.column.name, "is": listing(plan.outcome.decided)})
        put(node, "where", [node["where"], ends] if "where" in node else ends, "CHECK: the steps that end a deal")
    node["columns"] = columns
    if key is not None:
        hidden = file.columns[key].personal
        columns["deal_id"] = lead_key(plan) if own else flow({"column": key, "hash": True}) if hidden else key
    columns["lead_id"] = _lead(plan, link) if link else "lead_of_deal" if plan.lead_deal else lead_key(plan)
    return node


def _lead(plan: Plan, link: Reference) -> str | CommentedMap:
    """The rule for the id of a lead that another file names."""
    rule: dict[str, str | bool] = {"column": link.column}
    if separator := listed(link.file.columns[link.column]):
        rule["split"] = separator
    if plan.hidden:
        rule["hash"] = True
    return flow(rule) if len(rule) > 1 else link.column
