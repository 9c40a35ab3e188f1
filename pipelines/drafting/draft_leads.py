"""The part of a draft that says what leads and accounts are: keys, columns, personal data, attributes."""

import re
from collections.abc import Callable

from data_contracts.contract import load_contract
from pipelines.drafting.leaks import leak_reason
from pipelines.drafting.plan import Plan
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.drafting.render import Page, flow, listing, quoted
from pipelines.importing.attributes import LEVELS, slug

SAME_AS = {
    "leads": {
        "source": r"^(lead[ _]?source|source|original (traffic )?source|utm_source)$",
        "campaign": r"^(campaign[ _]?name|utm_campaign)$",
        "channel": r"^(channel|medium|utm_medium|lead[ _]?origin)$",
        "country": r"^(country|country/region|country[ _]?(code|name)|pa[ií]s|paese)$",
        "job_title": r"^(title|job[ _]?title|role|position|cargo)$",
        "department": r"^(department|job[ _]?function)$",
        "seniority": r"^(seniority|employment seniority)$",
        "language": r"^(language|preferred language|locale|idioma|lingua)$",
    },
    "accounts": {
        "industry": r"^(industry|sector|settore)$",
        "employees": r"^(employees|number[ _]?of[ _]?employees|employee[ _]?count|headcount|size)$",
        "annual_revenue": r"^(annual[ _]?revenue|revenue|turnover)$",
        "founded_year": r"^(founded|year[ _]?founded|founded[ _]?year|year_established)$",
        "country": r"^(country|country/region|office_location|country[ _]?(code|name))$",
    },
}


def write_accounts(page: Page, made: Plan) -> None:
    """Accounts, where a file looks like them."""
    if made.accounts is None:
        return
    file, key = made.accounts.target, made.accounts.key
    page.add(2, "accounts:")
    page.add(4, f"from: {file.name}")
    page.add(4, "columns:")
    page.add(6, f"account_id: {quoted(key)}")
    used = _write_columns(page, "accounts", file, {key})
    _write_attributes(page, "accounts", list(file.columns.values()), used, lambda _column: "")


def write_leads(page: Page, made: Plan) -> None:
    """Leads with everything that their file, and files looked up, say of them."""
    file, created, key = made.leads, made.created, made.key
    page.add(2, "leads:")
    page.add(4, f"from: {file.name}")
    if created is not None and file.columns[created].filled < file.rows:
        where = flow({"column": quoted(created), "present": "true"})
        page.add(4, f"where: {where}", "CHECK: rows without a date are left out")
    page.add(4, "columns:")
    page.add(6, f"lead_id: {lead_key(made)}", "" if key else "no key found: the number of the row")
    used = {key or "", created or ""}
    if created is not None:
        page.add(6, f"created_at: {time_rule(file.columns[created])}", "CHECK: when the lead became known")
    if made.accounts is not None:
        late = leak_reason(file.columns[made.accounts.column], *made.decided())
        page.add(6, f"account_id: {quoted(made.accounts.column)}", f"CHECK, a leak? {late}" if late else "")
        used.add(made.accounts.column)
    if made.outcome is not None and made.outcome.file is file:
        used.add(made.outcome.column.name)
    used = _write_columns(page, "leads", file, used)
    _write_personal(page, file)
    won, lost = made.decided()
    own = list(file.columns.values())

    def leak(column: ColumnProfile) -> str:
        return leak_reason(column, won, lost) if column in own else ""

    looked_up = [c for link in made.lookups for c in link.target.columns.values() if c.name not in file.columns]
    _write_attributes(page, "leads", [*own, *looked_up], used | {link.key for link in made.lookups}, leak)


def lead_key(made: Plan) -> str:
    """The rule for a lead's id in the leads' own file."""
    if made.key is None:
        return "$row"
    hidden = made.leads.columns[made.key].personal is not None
    return flow({"column": quoted(made.key), "hash": "true"}) if hidden else quoted(made.key)


def time_rule(column: ColumnProfile) -> str:
    """The rule for a time, with its format where it is not ISO."""
    if column.time_format == "iso":
        return quoted(column.name)
    return flow({"column": quoted(column.name), "format": quoted(str(column.time_format))})


def _write_columns(page: Page, table: str, file: FileProfile, used: set[str]) -> set[str]:
    """Write the canonical columns whose names are known, and return the columns used so far."""
    for name, pattern in SAME_AS[table].items():
        kind = load_contract(table).column(name).kind
        for column in file.columns.values():
            fits = kind == "string" or column.kind == "numeric"
            if re.search(f"(?i){pattern}", column.name) and fits and column.filled and not column.personal:
                if column.name not in used:
                    page.add(6, f"{name}: {quoted(column.name)}")
                    used = used | {column.name}
                break
    return used


def _write_personal(page: Page, file: FileProfile) -> None:
    kinds: dict[str, list[str]] = {}
    for column in file.columns.values():
        if column.personal and column.personal != "text":
            kinds.setdefault(column.personal, []).append(column.name)
    if kinds:
        page.add(4, "personal:", "only flags and kinds of these are kept")
    for kind, names in kinds.items():
        page.add(6, f"{kind}: {listing(names)}")


def _write_attributes(
    page: Page, table: str, columns: list[ColumnProfile], used: set[str], leak: Callable[[ColumnProfile], str]
) -> None:
    names = set(load_contract(table).names)
    rules: list[tuple[str, str]] = []
    left_out: list[str] = []
    for column in columns:
        if column.name in used:
            continue
        if why := _unfit(column):
            left_out.append(f"{column.name}: {why}")
            continue
        name = slug(column.name)
        name = f"{name}_attribute" if name in names else name
        names.add(name)
        late = leak(column)
        known_at = "after_outcome" if late else "unknown"
        rule = {"column": quoted(column.name), "type": column.kind, "known_at": known_at}
        rules.append((f"{name}: {flow(rule)}", f"CHECK: {late}" if late else ""))
    if rules:
        page.add(4, "attributes:")
    for text, remark in rules:
        page.add(6, text, remark)
    for remark in left_out:
        page.remark(6, f"left out: {remark}")


def _unfit(column: ColumnProfile) -> str:
    """Why a column is not an attribute, or nothing."""
    distinct = len(column.counts)
    if column.personal or distinct <= 1:
        return "personal data" if column.personal else "the same in every row" if distinct else "empty"
    if column.time_format:
        return "holds dates"
    if column.kind == "categorical" and (distinct > LEVELS or (distinct > 50 and distinct > 0.5 * column.filled)):
        return "almost every row has another text"
    if column.named_like_key and distinct > 0.9 * column.filled:
        return "looks like a key"
    return ""
