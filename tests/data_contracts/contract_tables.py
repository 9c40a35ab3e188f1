"""The generated tables of docs/contracts.md; ``python -m tests.data_contracts.contract_tables`` writes them anew."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from data_contracts.checks.columns import one_of
from data_contracts.checks.run import run_checks
from data_contracts.contract import Column, load_contract
from data_contracts.dataset import TABLES
from tests.data_contracts.broken import sound, write

PAGE = Path(__file__).resolve().parents[2] / "docs" / "contracts.md"


def generated() -> dict[str, str]:
    """Each generated part of the page by its name."""
    return {table: column_table(table) for table in TABLES} | {"checks": check_table()}


def filled_in(page: str) -> str:
    """The page with its generated parts written anew."""
    for name, text in generated().items():
        escaped = text.replace("\\", r"\\")
        pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
        page, count = re.subn(pattern, rf"\g<1>{escaped}\g<2>", page, flags=re.DOTALL)
        assert count == 1, f"docs/contracts.md has {count} parts called {name}"
    return page


def column_table(table: str) -> str:
    """The columns of a table's contract in Markdown."""
    rows = [
        f"| `{column.name}` | {column.kind} | {', '.join(_rules(column))} | {_meaning(column)} |"
        for column in load_contract(table).columns
    ]
    return "\n".join(["| column | type | rules | meaning |", "| --- | --- | --- | --- |", *rows]) + "\n"


def _rules(column: Column) -> Iterator[str]:
    if column.primary_key:
        yield "key"
    elif column.required:
        yield "required"
    if column.reference is not None:
        yield f"in `{column.reference.table}.{column.reference.column}`"
    if column.minimum is not None:
        yield f"at least {column.minimum:g}"
    if column.maximum is not None:
        yield f"at most {column.maximum:g}"


def _meaning(column: Column) -> str:
    meaning = column.description
    if column.allowed:
        meaning += f" One of: {one_of([f'`{value}`' for value in column.allowed])}."
    if column.examples:
        meaning += f" Core list: {', '.join(f'`{value}`' for value in column.examples)}."
    return meaning


def check_table() -> str:
    """The checks that a dataset with rows in every table goes through, in Markdown."""
    with tempfile.TemporaryDirectory() as directory:
        found = run_checks(write(Path(directory), sound()), threads=2, memory=10**9)
    rows = [
        f"| {each.table} | {each.name} | {each.expected.partition(', 2025')[0]} | {each.level} |"
        for each in found
        if not each.name.startswith("visits")  # an attribute of the test's dataset
    ]
    return "\n".join(["| table | claim | expected | where it fails |", "| --- | --- | --- | --- |", *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(filled_in(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
