"""``whylead validate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data_contracts.dataset import Dataset
from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.validation.result import Validation

COLOUR = {"error": "red", "warning": "yellow"}


def command(
    workspace: options.Workspace = Path("workspace"),
    sample_rows: Annotated[
        int,
        typer.Option(min=1, help="Row limit for expectations; a larger table is sampled. Checks see all rows."),
    ] = 2_000_000,
    language: options.Language = "en",
    params: options.ParamsFile = Path("params.yaml"),
    as_json: options.Json = False,
) -> None:
    """Check the imported tables against their contracts; exits with 1 if the data checks fail.

    Example: `whylead validate --workspace workspace`
    """
    from pipelines.validation.stage import validate_dataset
    from pipelines.workspace.resources import Resources

    paths = Workspace(workspace)
    dataset, resources = Dataset(paths.tables), Resources.of()
    with options.stages() as on_stage:
        validation = validate_dataset(
            dataset,
            paths.validation,
            resources=resources,
            params=options.load_params(params).features,
            sample_rows=sample_rows,
            language=language,
            on_progress=on_stage("validate"),
        )
    if as_json:
        print_json(validation.model_dump(mode="json"))
    else:
        show(stdout(), validation, paths)
    validation.require()


def show(console: Console, validation: "Validation", paths: Workspace) -> None:
    """Print how much was checked, what failed and what to do about it, and what to type next."""
    from pipelines.validation.stage import DATA_DOCS

    console.print(_tables(validation))
    if validation.broken():
        console.print(_findings(validation))
    verdict = "[green]Data checks passed[/]" if validation.passed else "[red]Data checks failed[/]"
    console.print(f"{verdict}: {_counted(validation.errors, 'error')}, {_counted(validation.warnings, 'warning')}.")
    page = paths.validation / DATA_DOCS / "index.html"
    console.print(f"Data Docs: {escape(str(page))}", highlight=False)
    if validation.passed:
        console.print(f"Next: [bold]{escape(paths.command('features'))}[/]", highlight=False)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _tables(validation: "Validation") -> Table:
    shown = Table(title="What was checked", title_justify="left")
    for name in ("Table", "Rows", "Checks", "Passed", "Errors", "Warnings"):
        shown.add_column(name, justify="left" if name == "Table" else "right")
    for table, examined in validation.tables.items():
        levels = [each.level for each in validation.broken(table)]
        note = f" (expectations: sample of {examined.sampled_rows:,})" if examined.sampled else ""
        counts = (examined.claims, examined.claims - len(levels), levels.count("error"), levels.count("warning"))
        shown.add_row(table, f"{examined.rows:,}{note}", *(str(count) for count in counts))
    return shown


def _findings(validation: "Validation") -> Table:
    shown = Table(title="Failed checks", title_justify="left", show_lines=True)
    shown.add_column("Level")
    shown.add_column("Table")
    shown.add_column("Check, what was found, and what to do", overflow="fold")
    for each in validation.broken():
        text = f"[bold]{escape(each.name)}[/]: {escape(each.found)}; expected: {escape(each.expected)}."
        if each.examples:
            text += f"\nFor example {escape(', '.join(each.examples))}."
        text += f"\n[dim]{escape(each.advice)}[/]"
        shown.add_row(f"[{COLOUR[each.level]}]{each.level}[/]", each.table, text)
    return shown
