"""The draft of a mapping as commented YAML that loads as it stands."""

import difflib
import re
from pathlib import Path

from data_contracts.contract import load_contract
from data_contracts.located_yaml import parse_located
from data_contracts.mapping import check_mapping
from data_contracts.rules import Rule
from pipelines.drafting.guesses import Reference, closed_of, created_of, key_of, listed, type_of
from pipelines.drafting.leaks import leak_reason
from pipelines.drafting.plan import Plan, plan
from pipelines.drafting.profile import ColumnProfile, FileProfile, profile_directory
from pipelines.drafting.render import Page, flow, listing, quoted
from pipelines.importing.attributes import LEVELS, slug
from pipelines.importing.cells import numbers
from pipelines.importing.chunk import filled

SAME_AS = {
    "leads": {
        "source": r"^(lead[ _]?source|source|original (traffic )?source|utm_source)$",
        "campaign": r"^(campaign|campaign[ _]?name|utm_campaign)$",
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
AMOUNT = re.compile(r"(?i)^(amount|value|close_value|deal[ _]?(value|amount)|price|revenue)$")
REASON = re.compile(r"(?i)(loss|lost|closed).*reason")


def draft_mapping(directory: Path) -> str:
    """A commented mapping for the files of a directory; every guess says that it is one.

    Raises FileError where no file can be read.
    """
    files, notes = profile_directory(directory)
    text = _Draft(plan(files), notes, directory).write()
    check_mapping(parse_located(text, "draft"))
    return text


class _Draft:
    def __init__(self, made: Plan, notes: list[str], directory: Path) -> None:
        self.plan = made
        self.notes = notes
        self.directory = directory
        self.page = Page()
        self.won, self.lost = made.decided()
        self.leads_by_row = made.key is None

    def write(self) -> str:
        page = self.page
        page.add(
            0,
            "",
            "A first draft by `whylead map`, guessed from the files. Read every line: what is marked CHECK is a guess",
        )
        page.add(0, "", "that changes the result. docs/mappings.md explains the language.")
        for note in self.notes:
            page.add(0, "", note)
        page.add(0, f"name: {slug(self.directory.resolve().name)}")
        page.add(0, "")
        self._sources()
        self._order()
        page.add(0, "tables:")
        self._accounts()
        self._leads()
        self._activities()
        self._deals()
        return page.text()

    def _sources(self) -> None:
        self.page.add(0, "sources:")
        for file in self.plan.files:
            self.page.add(2, f"{file.name}:")
            self.page.add(4, f"file: {quoted(file.path.name)}")
            if file.source.delimiter != ",":
                self.page.add(
                    4, f"delimiter: {'tab' if file.source.delimiter == chr(9) else quoted(file.source.delimiter)}"
                )
            if file.source.encoding:
                self.page.add(4, f"encoding: {file.source.encoding}")
            codes = sorted({code for column in file.columns.values() for code in column.missing_codes})
            if codes:
                self.page.add(4, f"missing: {listing(['', *codes])}", "CHECK: other words for missing")
            personal = [c.name for c in file.columns.values() if c.personal and file is not self.plan.leads]
            if personal:
                self.page.add(4, f"personal: {listing(personal)}", "never stored, masked in messages")
            self._joins(file)
        self.page.add(0, "")

    def _joins(self, file: FileProfile) -> None:
        joins = []
        if file is self.plan.leads:
            for link in self.plan.lookups:
                self._fix(link)
                columns = [c for c in link.target.columns if c != link.key and not link.target.columns[c].personal]
                columns = [c for c in columns if c not in file.columns]
                if columns:
                    on = flow({quoted(link.column): quoted(link.key)})
                    joins.append(flow({"source": link.target.name, "on": on, "columns": listing(columns)}))
        back = self.plan.lead_deal
        if back is not None and self.plan.outcome is not None and file is self.plan.outcome.file:
            on = flow({quoted(back.key): quoted(back.column)})
            names = flow({"lead_of_deal": quoted(str(self.plan.key))})
            joins.append(flow({"source": back.file.name, "on": on, "columns": names, "duplicates": "keep_first"}))
        if joins:
            self.page.add(4, "join:")
            for join in joins:
                self.page.add(6, f"- {join}")

    def _fix(self, link: Reference) -> None:
        known = [str(value) for value in link.target.columns[link.key].counts.index]
        lost = [str(value) for value in link.file.columns[link.column].counts.index if str(value) not in known]
        fixes = {value: near[0] for value in lost if (near := difflib.get_close_matches(value, known, 1, 0.8))}
        if fixes:
            self.page.add(4, "fix:", f"CHECK: values of {link.column} that {link.target.name} spells otherwise")
            self.page.add(6, f"{quoted(link.column)}: {flow({quoted(a): quoted(b) for a, b in fixes.items()})}")

    def _order(self) -> None:
        key = self.plan.key
        if self.plan.created is not None:
            self.page.add(0, "order: time")
        elif key is not None and self.plan.leads.columns[key].kind == "numeric":
            self.page.add(
                0, f"order: {{column: {quoted(key)}}}", "CHECK: no dates found; is a larger number a newer lead?"
            )
        else:
            self.page.add(
                0, "order: none", "CHECK: no dates found; {column: ...} where the rows or a number are in order of time"
            )
        if self.plan.outcome is None or closed_of(self.plan.outcome.file) is None:
            self.page.add(0, "horizon_days: until_closed", "no closing dates found: won or lost ever counts")
        self.page.add(0, "")

    def _accounts(self) -> None:
        link = self.plan.accounts
        if link is None:
            return
        file = link.target
        self.page.add(2, "accounts:")
        self.page.add(4, f"from: {file.name}")
        self.page.add(4, "columns:")
        self.page.add(6, f"account_id: {quoted(link.key)}")
        used = self._canonical("accounts", file) | {link.key}
        self._attributes("accounts", file, used, leaks=False)

    def _leads(self) -> None:
        file = self.plan.leads
        self.page.add(2, "leads:")
        self.page.add(4, f"from: {file.name}")
        created = self.plan.created
        if created is not None and file.columns[created].filled < file.rows:
            self.page.add(
                4, f"where: {{column: {quoted(created)}, present: true}}", "CHECK: rows without a date are left out"
            )
        self.page.add(4, "columns:")
        self.page.add(6, f"lead_id: {self._lead_key()}", "" if self.plan.key else "no key found: the number of the row")
        used = {self.plan.key or ""}
        if created is not None:
            self.page.add(
                6, f"created_at: {self._time(file.columns[created])}", "CHECK: from when on the lead is known"
            )
            used.add(created)
        if self.plan.accounts is not None:
            self.page.add(6, f"account_id: {quoted(self.plan.accounts.column)}")
            used.add(self.plan.accounts.column)
        used |= self._canonical("leads", file)
        used |= self._personal(file)
        if self.plan.outcome is not None and self.plan.outcome.file is file:
            used.add(self.plan.outcome.column.name)
        self._attributes("leads", file, used, leaks=True)

    def _lead_key(self) -> str:
        key = self.plan.key
        if key is None:
            return "$row"
        if self.plan.leads.columns[key].personal:
            return flow({"column": quoted(key), "hash": "true"})
        return quoted(key)

    def _personal(self, file: FileProfile) -> set[str]:
        kinds: dict[str, list[str]] = {}
        for column in file.columns.values():
            if column.personal:
                kinds.setdefault(column.personal, []).append(column.name)
        if kinds:
            self.page.add(4, "personal:", "only flags and kinds of these are kept")
            for kind, names in kinds.items():
                self.page.add(6, f"{kind}: {listing(names)}")
        return {name for names in kinds.values() for name in names}

    def _canonical(self, table: str, file: FileProfile) -> set[str]:
        used = set()
        for name, pattern in SAME_AS[table].items():
            column = next((c for c in file.columns.values() if re.search(f"(?i){pattern}", c.name) and c.filled), None)
            if column is None or column.personal or (self.plan.outcome and column is self.plan.outcome.column):
                continue
            if load_contract(table).column(name).kind != "string" and column.kind != "numeric":
                continue
            self.page.add(6, f"{name}: {quoted(column.name)}")
            used.add(column.name)
        return used

    def _attributes(self, table: str, file: FileProfile, used: set[str], *, leaks: bool) -> None:
        joined = [link for link in self.plan.lookups if table == "leads"]
        columns = {c.name: c for c in file.columns.values()}
        for link in joined:
            theirs = {c.name: c for c in link.target.columns.values() if c.name != link.key and not c.personal}
            columns = {**theirs, **columns}
        names = set(load_contract(table).names)
        lines: list[tuple[str, str]] = []
        for column in columns.values():
            if column.name in used:
                continue
            if why := _unfit(column):
                lines.append(("", f"{column.name}: {why}"))
                continue
            name = slug(column.name)
            name = f"{name}_attribute" if name in names else name
            names.add(name)
            own = len(column.cells) == len(self.won)
            leak = leak_reason(column, self.won, self.lost) if leaks and own else ""
            rule = {"column": quoted(column.name), "type": column.kind}
            rule["known_at"] = "after_outcome" if leak else "unknown"
            lines.append((f"{name}: {flow(rule)}", f"CHECK, left out as a leak: {leak}" if leak else ""))
        if any(text for text, _ in lines):
            self.page.add(4, "attributes:")
        for text, remark in lines:
            self.page.add(6, text, remark)

    def _activities(self) -> None:
        if not self.plan.activities:
            return
        self.page.add(2, "activities:")
        for link in self.plan.activities:
            file = link.file
            when = created_of(file, None)
            assert when is not None
            separator = listed(file.columns[link.column])
            self.page.add(4, f"- from: {file.name}")
            self.page.add(6, "orphans: ignore", "CHECK: rows of leads that are not there")
            self.page.add(6, f"where: {{column: {quoted(link.column)}, present: true}}")
            self.page.add(6, "columns:")
            self.page.add(8, f"lead_id: {self._names_lead(link.column, separator)}")
            self.page.add(8, f"occurred_at: {self._time(file.columns[when])}", "CHECK")
            kind = type_of(file)
            text = flow({"column": quoted(kind), "lower": "true"}) if kind else flow({"constant": quoted(file.name)})
            self.page.add(8, f"type: {text}", "CHECK: name the types as the core list does (docs/mappings.md)")

    def _deals(self) -> None:
        outcome = self.plan.outcome
        if outcome is None:
            self.page.add(2, "", "CHECK: no outcome was found. Say where it stands, such as:")
            self.page.add(
                2, "", "deals: {from: ..., columns: {lead_id: ..., outcome: {column: ..., values: {Closed: won}}}}"
            )
            return
        file = outcome.file
        self.page.add(2, "deals:")
        self.page.add(4, f"from: {file.name}")
        closed = closed_of(file)
        self._deal_keys(file)
        values = {quoted(value): meaning for value, meaning in outcome.values.items()}
        rule = {"column": quoted(outcome.column.name), "values": flow(values), "other": "reject"}
        self.page.add(6, f"outcome: {flow(rule)}", "CHECK: won, lost or open")
        opened = created_of(file, closed)
        if opened is not None:
            self.page.add(6, f"opened_at: {self._time(file.columns[opened])}")
        if closed is not None:
            self.page.add(6, f"closed_at: {self._time(file.columns[closed])}")
        for name, pattern in (("amount", AMOUNT), ("loss_reason", REASON)):
            found = next((c for c in file.columns.values() if pattern.search(c.name) and c.filled), None)
            if found is not None and (name != "amount" or (found.kind == "numeric" and _never_negative(found))):
                self.page.add(6, f"{name}: {quoted(found.name)}")

    def _deal_keys(self, file: FileProfile) -> None:
        link, back, created = self.plan.deal_lead, self.plan.lead_deal, self.plan.created
        where = link.column if link else "lead_of_deal" if back else created if file is self.plan.leads else None
        if where is not None and (where not in file.columns or file.columns[where].filled < file.rows):
            self.page.add(4, f"where: {{column: {quoted(where)}, present: true}}")
        if link is not None:
            self.page.add(4, "orphans: ignore", "CHECK: deals of leads that are not there")
        self.page.add(4, "columns:")
        key = key_of(file)
        if key is not None:
            self.page.add(6, f"deal_id: {self._lead_key() if file is self.plan.leads else quoted(key)}")
        if link is not None:
            self.page.add(6, f"lead_id: {self._names_lead(link.column, listed(file.columns[link.column]))}")
        else:
            self.page.add(6, f"lead_id: {'lead_of_deal' if back else self._lead_key()}")

    def _names_lead(self, column: str, separator: str | None) -> str:
        rule = {"column": quoted(column)}
        if separator:
            rule["split"] = quoted(separator)
        if self.plan.key and self.plan.leads.columns[self.plan.key].personal:
            rule["hash"] = "true"
        return flow(rule) if len(rule) > 1 else quoted(column)

    def _time(self, column: ColumnProfile) -> str:
        format_ = column.time_format or "iso"
        return (
            quoted(column.name)
            if format_ == "iso"
            else flow({"column": quoted(column.name), "format": quoted(format_)})
        )


def _unfit(column: ColumnProfile) -> str:
    if column.personal:
        return "personal data"
    if not column.filled:
        return "empty"
    if column.time_format:
        return f"dates ({column.time_format})"
    distinct = len(column.counts)
    if column.kind == "categorical" and (distinct > LEVELS or (distinct > 50 and distinct > 0.5 * column.filled)):
        return "almost every row has another text"
    if distinct == 1:
        return f"always {column.counts.index[0]!r}"
    if column.named_like_key and distinct > 0.9 * column.filled:
        return "looks like a key"
    return ""


def _never_negative(column: ColumnProfile) -> bool:
    values = numbers(column.cells, Rule())
    return bool((values.to_numpy(zero_copy_only=False)[filled(values)] >= 0).all())
