"""The part of a draft that says what leads and accounts are: keys, columns, personal data, attributes."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from ruamel.yaml.comments import CommentedMap

from data_contracts.contract import load_contract
from data_contracts.wording import counted
from pipelines.drafting.dates import first_step, in_order, step_of
from pipelines.drafting.guesses import Reference, of_things
from pipelines.drafting.leaks import leak_reason, time_between
from pipelines.drafting.plan import Plan
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.drafting.render import flow, listing, put, remark_above
from pipelines.importing.attributes import LEVELS, new_name
from pipelines.importing.chunk import filled
from pipelines.importing.numerals import PLAINLY
from pipelines.importing.vocabulary import is_all, says

SAME_AS = {
    "leads": ("source", "campaign", "channel", "country", "job_title", "department", "seniority", "language"),
    "accounts": ("industry", "employees", "annual_revenue", "founded_year", "country"),
}


FLAGGED = ("name", "email", "phone", "social")  # of the lead itself: whether it has one is kept


def accounts_of(link: Reference) -> CommentedMap:
    """The block of accounts, from a file that looks like them."""
    file, columns = link.target, CommentedMap(account_id=account_key(link))
    used = {link.key, *_known_columns("accounts", file, {link.key}, columns)}
    node = CommentedMap({"from": file.name, "columns": columns})
    _add_attributes(node, "accounts", list(file.columns.values()), used, lambda _column: "")
    return node


def leads_of(plan: Plan) -> CommentedMap:
    """The block of leads with everything that their file, and files looked up, say of them."""
    file, created, key = plan.leads, plan.created, plan.key
    node, columns = CommentedMap({"from": file.name}), CommentedMap()
    if created is not None and file.columns[created].filled < file.rows:
        where = flow({"column": created, "present": True})
        put(node, "where", where, "CHECK: rows without a date are left out")
    _put_first_steps(node, plan)
    node["columns"] = columns
    put(columns, "lead_id", lead_key(plan), "" if key else "no key found: the number of the row")
    closing = plan.closing.columns if plan.closing is not None else ()
    used = {key or "", created or "", *(closing if plan.outcome is not None and plan.outcome.file is file else ())}
    won, lost = plan.decided()
    if created is not None:
        remark = "; ".join(["CHECK: when the lead became known", *filter(None, [doubt_of(file.columns[created])])])
        put(columns, "created_at", time_rule(file.columns[created]), remark)
    if plan.accounts is not None:
        columns["account_id"] = account_key(plan.accounts, plan.accounts.column)
        used.add(plan.accounts.column)
    if plan.outcome is not None and plan.outcome.file is file:
        used |= set(plan.outcome.columns)
    used |= _known_columns("leads", file, used, columns)
    used |= _things(plan, used, columns)
    _add_personal(node, file)
    own = list(file.columns.values())

    amounts = [column.name for column in amounts_of(file) if plan.outcome is not None and plan.outcome.file is file]

    def leak(column: ColumnProfile) -> str:
        if column.name in amounts[:1] or (column.name in amounts and says(column.name, "planned")):
            return "the deal's amount, as it was when it closed; known_at: created where the lead itself names it"
        if column.name not in file.columns:
            return ""
        ends = [file.columns[name] for name in closing if name in file.columns]
        begin = file.columns[created] if created is not None else None
        age = time_between(column, begin, ends[0], won | lost) if begin is not None and ends else ""
        return age or leak_reason(column, won, lost)

    looked_up = [c for link in plan.lookups for c in link.target.columns.values() if c.name not in file.columns]
    _add_attributes(node, "leads", [*own, *looked_up], used | {link.key for link in plan.lookups}, leak)
    if plan.late_account:
        remark_above(node, "columns", [f"CHECK: account_id is left out: {plan.late_account}"], indent=4)
    return node


def _put_first_steps(node: CommentedMap, plan: Plan) -> None:
    """Which rows of a history are those of leads: the first of each deal."""
    if plan.steps is None or plan.created is None or plan.outcome is None:
        return
    stage, when = plan.outcome.column.name, step_of(plan.leads, plan.steps) or plan.created
    ordered = in_order(plan.leads, plan.steps, when)
    if not ordered and (first := first_step(plan.leads, plan.steps, when, stage)) is not None:
        where = flow({"column": stage, "is": first})
        put(node, "where", where, "CHECK: the step with which a deal begins; deals without it are left out")
    remark = "" if ordered or "where" in node else "CHECK: rows of a deal are not in the order of time: sort them"
    put(node, "duplicates", "keep_first", remark or "the first row of each deal")


def amounts_of(file: FileProfile) -> list[ColumnProfile]:
    """The columns that may say what a deal is worth, the likeliest first: named so and no more, real before planned."""
    named = [c for c in file.columns.values() if says(c.name, "amount") and not says(c.name, "not_amount")]
    fitting = [c for c in named if c.filled and c.time_style is None and _never_negative(c)]
    return sorted(fitting, key=lambda c: (says(c.name, "planned"), not is_all(c.name, "amount"), c.wrapped))


def _never_negative(column: ColumnProfile) -> bool:
    values = column.values
    return column.kind == "numeric" and bool((values.to_numpy(zero_copy_only=False)[filled(values)] >= 0).all())


def account_key(link: Reference, column: str | None = None) -> str | CommentedMap:
    """The rule for an account's id, in its own file or as the leads' column; a digest where one of them is personal."""
    hidden = link.target.columns[link.key].personal or link.file.columns[link.column].personal
    return flow({"column": column or link.key, "hash": True}) if hidden else column or link.key


def lead_key(plan: Plan) -> str | CommentedMap:
    """The rule for a lead's id in the leads' own file."""
    if plan.key is None:
        return "$row"
    return flow({"column": plan.key, "hash": True}) if plan.hidden else plan.key


def time_rule(*columns: ColumnProfile) -> str | CommentedMap:
    """The rule for a time, of the first column that is filled, with its formats where they are not ISO."""
    styles = [column.time_style for column in columns if column.time_style is not None]
    formats = list(dict.fromkeys(each for style in styles for each in style.formats))
    names = [column.name for column in columns]
    if len(names) == 1 and formats == ["iso"]:
        return names[0]
    rule = CommentedMap({"column": names[0]} if len(names) == 1 else {"columns": listing(names)})
    if formats != ["iso"]:
        rule["format"] = formats[0] if len(formats) == 1 else listing(formats)
    return flow(rule)


def doubt_of(*columns: ColumnProfile) -> str:
    """What is to be checked of how a time is written, or nothing."""
    styles = [column.time_style for column in columns if column.time_style is not None]
    remarks = ["day and month could be the other way round"] * any(style.unsure for style in styles)
    if misfits := sum(style.misfits for style in styles):
        one = "cell is written otherwise, its row"
        who = counted(misfits, one, "cells are written otherwise, their rows")
        remarks.append(f"{who} will be set aside")
    return "; ".join(remarks)


def signs_of(column: ColumnProfile) -> dict[str, Any]:
    """The keys of a rule for the signs within a column's numbers, and for words among them."""
    if column.kind != "numeric":
        return {}
    said, plain = column.style._asdict(), PLAINLY._asdict()
    signs = {key: sign for key, sign in said.items() if sign != plain[key]}
    return {"missing": listing(column.strays), **signs} if column.strays else signs


def doubt_of_numbers(column: ColumnProfile) -> str:
    """What is to be checked of how numbers are written, or nothing."""
    if column.kind != "numeric":
        return ""
    sample = next((str(cell) for cell in column.counts.index if re.search("[.,]", str(cell))), "")
    doubts = [f"is {sample} written with decimals or with thousands?"] * column.doubtful
    doubts += ["words among numbers, read as missing"] * bool(column.strays)
    if len(column.currencies) > 1:
        doubts.append(f"in several currencies ({', '.join(column.currencies)}), which numbers do not tell apart")
    return "; ".join(doubts)


def doubt_of_currency(amount: ColumnProfile, file: FileProfile) -> str:
    """Which currencies a column beside an amount names, if it is not the same one in all rows; else nothing."""
    if len(amount.currencies) == 1:
        return ""
    for column in file.columns.values():
        if column.kind == "categorical" and len(column.currencies) > 1:
            codes = ", ".join(column.currencies)
            return f"in several currencies ({column.name}: {codes}): convert it, or keep one by `where`"
    return ""


def number_rule(column: ColumnProfile) -> str | CommentedMap:
    """The rule for a number, with the signs within it where they are not plain."""
    signs = signs_of(column)
    return flow({"column": column.name, **signs}) if signs else column.name


def _known_columns(table: str, file: FileProfile, used: set[str], columns: CommentedMap) -> set[str]:
    """Add the canonical columns whose names are known, and return the file's columns that they read."""
    added: set[str] = set()
    for name in SAME_AS[table]:
        kind = load_contract(table).column(name).kind
        for column in sorted(file.columns.values(), key=lambda column: column.wrapped):
            fits = kind == "string" or column.kind == "numeric"
            if is_all(column.name, name) and fits and column.filled and not column.personal:
                if column.name not in used | added:
                    columns[name] = column.name if kind == "string" else number_rule(column)
                    added.add(column.name)
                break
    return added


def _things(plan: Plan, used: set[str], columns: CommentedMap) -> set[str]:
    """Add what leads are about where activities say it too, and return the columns that are read."""
    added: dict[str, str] = {}
    for link in plan.activities:
        for name, (own, _) in of_things(plan.leads, link.file).items():
            if name not in added and own.name not in {*used, *added.values()}:
                added[name] = own.name
                put(columns, name, own.name, "CHECK: what the lead is about; activities say it too")
    return set(added.values())


def _add_personal(node: CommentedMap, file: FileProfile) -> None:
    kinds: dict[str, list[str]] = {}
    for column in file.columns.values():
        if column.personal in FLAGGED:
            kinds.setdefault(str(column.personal), []).append(column.name)
    if kinds:
        personal = CommentedMap({kind: listing(names) for kind, names in kinds.items()})
        put(node, "personal", personal, "only flags and kinds of these are kept")


def _add_attributes(
    node: CommentedMap,
    table: str,
    columns: list[ColumnProfile],
    used: set[str],
    leak: Callable[[ColumnProfile], str],
) -> None:
    names: Counter[str] = Counter()
    rules = CommentedMap()
    remarks: list[str] = []
    for column in columns:
        if column.name in used:
            continue
        if why := _unfit(column):
            remarks.append(f"left out: {column.name}: {why}")
            continue
        late = leak(column)
        known_at = "after_outcome" if late else "unknown"
        rule = flow({"column": column.name, "type": column.kind, **signs_of(column), "known_at": known_at})
        doubts = "; ".join(each for each in (late, doubt_of_numbers(column)) if each)
        put(rules, new_name(column.name, table, names), rule, f"CHECK: {doubts}" if doubts else "")
    if rules:
        node["attributes"] = rules
    remark_above(node, "attributes" if rules else "columns", remarks, indent=4)


def _unfit(column: ColumnProfile) -> str:
    """Why a column is not an attribute, or nothing."""
    distinct = len(column.counts)
    if column.personal or distinct <= 1:
        return "personal data" if column.personal else "the same in every row" if distinct else "empty"
    if column.time_style:
        return "holds dates"
    if column.kind == "categorical" and (distinct > LEVELS or (distinct > 50 and distinct > 0.5 * column.filled)):
        return "almost every row has another text"
    if column.named_like_key and distinct > 0.9 * column.filled:
        return "looks like a key"
    return ""
