"""The draft of a mapping as commented YAML that loads as it stands."""

import difflib
from pathlib import Path

from data_contracts.located_yaml import parse_located
from data_contracts.mapping import check_mapping
from pipelines.drafting.draft_deals import write_activities, write_deals
from pipelines.drafting.draft_leads import write_accounts, write_leads
from pipelines.drafting.guesses import Reference, closed_of
from pipelines.drafting.plan import Plan, plan
from pipelines.drafting.profile import FileProfile, profile_directory
from pipelines.drafting.render import Page, flow, listing, quoted
from pipelines.importing.attributes import slug


def draft_mapping(directory: Path) -> str:
    """A commented mapping for the files of a directory; every guess says that it is one.

    Raises FileError where no file can be read.
    """
    files, notes = profile_directory(directory)
    made = plan(files)
    page = Page()
    page.remark(0, "A first draft by `whylead map`, guessed from the files. Read every line: what is marked CHECK is a")
    page.remark(0, "guess that changes the result. docs/mappings.md explains the language.")
    for note in notes:
        page.remark(0, note)
    page.add(0, f"name: {slug(directory.resolve().name)}")
    page.add(0, "")
    _write_sources(page, made)
    _write_order(page, made)
    page.add(0, "tables:")
    write_accounts(page, made)
    write_leads(page, made)
    write_activities(page, made)
    write_deals(page, made)
    text = page.text()
    check_mapping(parse_located(text, "draft"))
    return text


def _write_sources(page: Page, made: Plan) -> None:
    page.add(0, "sources:")
    for file in made.files:
        if file not in made.used:
            page.remark(2, f"{file.path.name} is not used: no link to the leads was found.")
            continue
        page.add(2, f"{file.name}:")
        page.add(4, f"file: {quoted(file.path.name)}")
        if (delimiter := file.source.delimiter) != ",":
            page.add(4, f"delimiter: {'tab' if delimiter == chr(9) else quoted(delimiter)}")
        if file.source.encoding:
            page.add(4, f"encoding: {file.source.encoding}")
        if codes := sorted({code for column in file.columns.values() for code in column.missing_codes}):
            page.add(4, f"missing: {listing(['', *codes])}", "CHECK: other words for missing")
        if personal := _personal(made, file):
            page.add(4, f"personal: {listing(personal)}", "never stored, masked in messages")
        _write_joins(page, made, file)
    page.add(0, "")


def _personal(made: Plan, file: FileProfile) -> list[str]:
    """Columns that only the source can declare: flags are made of those of the leads."""
    flagged = ("name", "email", "phone", "social") if file is made.leads else ()
    return [column.name for column in file.columns.values() if column.personal and column.personal not in flagged]


def _write_joins(page: Page, made: Plan, file: FileProfile) -> None:
    joins = []
    for link in made.lookups if file is made.leads else ():
        _write_fix(page, link)
        theirs = [c.name for c in link.target.columns.values() if not c.personal]
        if columns := [name for name in theirs if name not in file.columns]:
            on = flow({quoted(link.column): quoted(link.key)})
            joins.append({"source": link.target.name, "on": on, "columns": listing(columns)})
    back = made.lead_deal
    if back is not None and made.outcome is not None and file is made.outcome.file:
        on = flow({quoted(back.key): quoted(back.column)})
        names = flow({"lead_of_deal": quoted(str(made.key))})
        joins.append({"source": back.file.name, "on": on, "columns": names, "duplicates": "keep_first"})
    if joins:
        page.add(4, "join:")
    for join in joins:
        page.add(6, f"- {flow(join)}")


def _write_fix(page: Page, link: Reference) -> None:
    known = [str(value) for value in link.target.columns[link.key].counts.index]
    lost = [str(value) for value in link.file.columns[link.column].counts.index if str(value) not in known]
    fixes = {value: near[0] for value in lost if (near := difflib.get_close_matches(value, known, 1, 0.8))}
    if fixes:
        page.add(4, "fix:", f"CHECK: values of {link.column} that {link.target.name} spells otherwise")
        page.add(6, f"{quoted(link.column)}: {flow({quoted(a): quoted(b) for a, b in fixes.items()})}")


def _write_order(page: Page, made: Plan) -> None:
    key = made.key
    if made.created is not None:
        page.add(0, "order: time")
    elif key is not None and made.leads.columns[key].kind == "numeric":
        page.add(0, f"order: {{column: {quoted(key)}}}", "CHECK: no dates; is a larger number newer?")
    else:
        page.add(0, "order: none", "CHECK: no dates; {column: $row} where the rows are in order of time")
    if made.outcome is None or closed_of(made.outcome.file) is None:
        page.add(0, "horizon_days: until_closed", "no closing dates: won or lost counts whenever it was")
    page.add(0, "")
