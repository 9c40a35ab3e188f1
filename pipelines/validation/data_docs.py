"""Data Docs: what was expected of the tables and what was found, as pages that need no network."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_contracts.checks.finding import Finding
from data_contracts.contract import load_contract
from features.feature import Language
from pipelines.pages.page import render
from pipelines.pages.texts import texts_in
from pipelines.validation.result import Validation

_HOLDS = " holds "  # the claim that is made of each column, whatever its contract


@dataclass(frozen=True)
class Subject:
    """A column of a table with its description and what was found of it; without a name, the table itself."""

    name: str
    description: str
    findings: tuple[Finding, ...]


def write_data_docs(validation: Validation, directory: Path, language: Language = "en") -> None:
    """Write ``index.html`` with every finding, and a page per table with what was found of each column."""
    directory.mkdir(parents=True, exist_ok=True)
    say = texts_in(language)
    index = render("data_docs.html.j2", say, v=validation)
    (directory / "index.html").write_text(index, encoding="utf-8")
    for table, examined in validation.tables.items():
        page = render(
            "data_docs_table.html.j2",
            say,
            contract=load_contract(table),
            examined=examined,
            broken=validation.broken(table),
            subjects=list(subjects(table, validation)),
        )
        (directory / f"{table}.html").write_text(page, encoding="utf-8")


def subjects(table: str, validation: Validation) -> Iterator[Subject]:
    """The table, then its columns in the order of the contract, those of the company's own export last."""
    findings = [each for each in validation.findings if each.table == table]
    described = {column.name: column.description for column in load_contract(table).columns}
    named = {each.name.partition(_HOLDS)[0] for each in findings if _HOLDS in each.name}
    of = {each.name: name for each in findings if (name := each.name.split(" ")[0]) in named}
    for name in ("", *described, *sorted(named - described.keys())):
        own = tuple(each for each in findings if of.get(each.name, "") == name)
        if own:
            yield Subject(name, described.get(name, ""), own)
