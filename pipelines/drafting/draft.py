"""The draft of a mapping as commented YAML that loads as it stands."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ruamel.yaml.comments import CommentedMap

from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import Mapping, check_mapping
from data_contracts.progress import Progress, silent
from pipelines.drafting.draft_deals import activities_of, deals_of
from pipelines.drafting.draft_leads import FLAGGED, accounts_of, leads_of
from pipelines.drafting.dry_run import DryRun, dry_run
from pipelines.drafting.guesses import Reference
from pipelines.drafting.plan import Plan, plan_of
from pipelines.drafting.profile import FileProfile, profile_directory
from pipelines.drafting.render import flow, listing, put, remark_above, text_of
from pipelines.importing.attributes import slug
from pipelines.workspace.bounds import USUAL, Bounds

HEADING = [
    "A first draft by `whylead map`, guessed from the files. Read every line: what is marked CHECK is a",
    "guess that changes the result. docs/mappings.md explains the language.",
]
COMPARED, LONGEST = 50_000, 100  # pairs of values that are compared letter by letter, and letters of each
NO_OUTCOME = [
    "CHECK: no outcome was found. Say where it stands, such as",
    "deals: {from: FILE, columns: {lead_id: ID, outcome: {column: STAGE, values: {Closed: won}}}}",
]


@dataclass(frozen=True)
class Draft:
    """A commented mapping, and what it would read."""

    text: str
    dry_run: DryRun


def draft_mapping(directory: Path, bounds: Bounds = USUAL, on_progress: Progress = silent) -> Draft:
    """A commented mapping for the files of a directory; every guess says that it is one.

    Dates that keep it from working are left out. Raises FileError where no file can be read, such as
    those beyond ``bounds``.
    """
    files, notes = profile_directory(directory, bounds, on_progress)
    on_progress("guessing what the columns are", 0.0)
    plan = plan_of(files)
    trial = partial(dry_run, source=directory, bounds=bounds, on_progress=on_progress)
    draft = _drafted(plan, directory, notes, trial)
    for change in (partial(_left_out, "opened_at"), _until_closed, partial(_left_out, "closed_at")):
        if draft.dry_run.obstacles:  # what is changed stays so only where that helps
            changed = change(plan, draft.dry_run.obstacles[0])
            other = _drafted(changed, directory, notes, trial)
            if len(other.dry_run.obstacles) < len(draft.dry_run.obstacles):
                plan, draft = changed, other
    return draft


def _left_out(name: str, plan: Plan, why: str) -> Plan:
    return replace(plan, left_out={**plan.left_out, name: why})


def _until_closed(plan: Plan, why: str) -> Plan:
    return replace(plan, until_closed=why.split(". ")[0])


def _drafted(plan: Plan, directory: Path, notes: list[str], trial: Callable[[Mapping], DryRun]) -> Draft:
    name = CommentedMap(name=slug(directory.resolve().name))
    sections = (_sources(plan), _order(plan), _tables(plan))
    mapping = check_mapping(parse_located(text_of(name, *sections), "draft"))
    result = trial(mapping)
    remark_above(name, "name", [*HEADING, *notes, *result.lines()], indent=0)
    return Draft(text_of(name, *sections), result)


def _sources(plan: Plan) -> CommentedMap:
    used = [file for file in plan.files if file in plan.used]
    nodes = CommentedMap({file.name: _source(plan, file) for file in used})
    if (keys := _keys_of_deals(plan)) is not None and keys not in nodes:
        nodes[keys] = _read(plan.leads)
    section = CommentedMap(sources=nodes)
    unused = [file.path.name for file in plan.files if file not in plan.used]
    remarks = [f"{name} is not used: no link to the leads was found." for name in unused]
    remark_above(section, "sources", remarks, indent=0)
    return section


def _source(plan: Plan, file: FileProfile) -> CommentedMap:
    node = _read(file)
    if codes := sorted({code for column in file.columns.values() for code in column.missing_codes}):
        put(node, "missing", listing(["", *codes]), "CHECK: other words for missing")
    for condition in file.source.where:
        put(node, "where", flow({"column": condition.column, "present": True}), "CHECK: not the rows below the table")
    if personal := _personal(plan, file):
        put(node, "personal", listing(personal), "never stored, masked in messages")
    lookups = plan.lookups if file is plan.leads else []
    if fixes := _fixes(lookups):
        node["fix"] = fixes
    if joins := [*_joins(lookups), *_join_of_deals(plan, file)]:
        node["join"] = joins
    return node


def _read(file: FileProfile) -> CommentedMap:
    """How a file is read."""
    node = CommentedMap(file=file.path.name)
    if (delimiter := file.source.delimiter) != ",":
        node["delimiter"] = "tab" if delimiter == "\t" else delimiter
    if file.source.encoding:
        doubt = "" if file.source.encoding.startswith("utf") else "CHECK: told by its letters"
        put(node, "encoding", file.source.encoding, doubt)
    if file.source.skip:
        put(node, "skip", file.source.skip, "lines above the header")
    if file.source.sheet:
        node["sheet"] = file.source.sheet
    return node


def _personal(plan: Plan, file: FileProfile) -> list[str]:
    """Columns that only the source can declare: flags are made of those of the leads."""
    flagged = FLAGGED if file is plan.leads else ()
    return [column.name for column in file.columns.values() if column.personal and column.personal not in flagged]


def _joins(lookups: list[Reference]) -> list[CommentedMap]:
    joins = []
    for link in lookups:
        theirs = [column.name for column in link.target.columns.values() if not column.personal]
        if columns := [name for name in theirs if name not in link.file.columns]:
            on = flow({link.column: link.key})
            joins.append(flow({"source": link.target.name, "on": on, "columns": listing(columns)}))
    return joins


def _join_of_deals(plan: Plan, file: FileProfile) -> list[CommentedMap]:
    """The lead of each deal, where the leads name the deal."""
    back = plan.lead_deal
    if back is None or plan.outcome is None or file is not plan.outcome.file:
        return []
    on, columns = flow({back.key: back.column}), flow({"lead_of_deal": str(plan.key)})
    return [flow({"source": _keys_of_deals(plan), "on": on, "columns": columns, "duplicates": "keep_first"})]


def _keys_of_deals(plan: Plan) -> str | None:
    """The source in which the lead of a deal is looked up: that of the leads, or another where those join others."""
    if plan.lead_deal is None or plan.outcome is None:
        return None
    return f"{plan.leads.name}_of_deals" if _joins(plan.lookups) else plan.leads.name


def _fixes(lookups: list[Reference]) -> CommentedMap:
    node = CommentedMap()
    for link in (each for each in lookups if not each.file.columns[each.column].unique):
        known = [str(value) for value in link.target.columns[link.key].counts.index]
        there = set(known)
        lost = [str(value) for value in link.file.columns[link.column].counts.index if str(value) not in there]
        if len(lost) * len(known) > COMPARED or any(len(value) > LONGEST for value in (*lost, *known)):
            continue  # not a few names that somebody types
        fixes = {value: near[0] for value in lost if (near := difflib.get_close_matches(value, known, 1, 0.8))}
        if fixes:
            put(node, link.column, flow(fixes), f"CHECK: values that {link.target.name} spells otherwise")
    return node


def _order(plan: Plan) -> CommentedMap:
    section, key = CommentedMap(), plan.key
    if plan.created is not None:
        section["order"] = "time"
    elif key is not None and plan.leads.columns[key].kind == "numeric":
        put(section, "order", flow({"column": key}), "CHECK: no dates; is a larger number newer?")
    else:
        put(section, "order", "none", "CHECK: no dates; {column: $row} where the rows are in order of time")
    if plan.until_closed:
        put(section, "horizon_days", "until_closed", f"CHECK: with a horizon in days {plan.until_closed}")
    elif plan.closing is None or "closed_at" in plan.left_out:
        put(section, "horizon_days", "until_closed", "no closing dates: won or lost counts whenever it was")
    return section


def _tables(plan: Plan) -> CommentedMap:
    tables = CommentedMap()
    if plan.accounts is not None:
        tables["accounts"] = accounts_of(plan.accounts)
    tables["leads"] = leads_of(plan)
    if plan.activities or plan.steps is not None:
        tables["activities"] = activities_of(plan)
    if plan.outcome is not None:
        tables["deals"] = deals_of(plan, plan.outcome)
    section = CommentedMap(tables=tables)
    remark_above(section, "tables", NO_OUTCOME if plan.outcome is None else [], indent=0)
    return section
