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
    from pipelines.pages.texts import Texts
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
    from pipelines.pages.texts import texts_in
    from pipelines.validation.stage import validate_dataset
    from pipelines.workspace.resources import Resources

    paths = Workspace(workspace)
    with paths.writing(), options.stages() as on_stage:
        validation = validate_dataset(
            Dataset(paths.tables),
            paths.validation,
            resources=Resources.of(),
            params=options.load_params(params).features,
            sample_rows=sample_rows,
            language=language,
            on_progress=on_stage("validate"),
        )
    if as_json:
        print_json(validation.model_dump(mode="json"))
    else:
        show(stdout(), validation, paths, texts_in(language))
    validation.require()


def show(console: Console, validation: "Validation", paths: Workspace, say: "Texts") -> None:
    """Print how much was checked, what failed and what to do about it, and what to type next."""
    from pipelines.validation.stage import DATA_DOCS

    console.print(_tables(validation, say))
    if validation.broken():
        console.print(_findings(validation, say))
    colour, verdict = ("green", "passed") if validation.passed else ("red", "failed")
    errors = say("data_docs.errors_counted", validation.errors)
    warnings = say("data_docs.warnings_counted", validation.warnings)
    verdict = f"[{colour}]{say(f'data_docs.{verdict}')}[/]"
    console.print(say("terminal.validate.summary", verdict=verdict, errors=errors, warnings=warnings))
    page = paths.validation / DATA_DOCS / "index.html"
    console.print(escape(say("terminal.validate.pages", path=str(page))), highlight=False)
    if validation.passed:
        command = f"[bold]{escape(paths.command('features'))}[/]"
        console.print(say("terminal.next", command=command), highlight=False)


def _tables(validation: "Validation", say: "Texts") -> Table:
    shown = Table(title=say("terminal.validate.checked"), title_justify="left")
    for name in ("table", "rows", "checks", "rest", "errors", "warnings"):
        shown.add_column(say(f"data_docs.{name}"), justify="left" if name == "table" else "right")
    for table, examined in validation.tables.items():
        levels = [each.level for each in validation.broken(table)]
        sample = say("terminal.validate.sample", rows=say.number(examined.sampled_rows, 0)) if examined.sampled else ""
        counts = (examined.claims, examined.claims - len(levels), levels.count("error"), levels.count("warning"))
        shown.add_row(table, say.number(examined.rows, 0) + sample, *(str(count) for count in counts))
    return shown


def _findings(validation: "Validation", say: "Texts") -> Table:
    shown = Table(title=say("terminal.validate.failed"), title_justify="left", show_lines=True)
    shown.add_column(say("terminal.validate.level"))
    shown.add_column(say("data_docs.table"))
    shown.add_column(say("terminal.validate.found"), overflow="fold")
    for each in validation.broken():
        name, found, advice = (escape(say.translated(told)) for told in (each.name, each.found, each.advice))
        expected = escape(say("data_docs.expected_inside", what=say.translated(each.expected)))
        text = f"[bold]{name}[/]: {found}; {expected}."
        if each.examples:
            text += "\n" + escape(say("terminal.validate.example", ids=", ".join(map(say.translated, each.examples))))
        level = say(f"terminal.validate.levels.{each.level}")
        shown.add_row(f"[{COLOUR[each.level]}]{level}[/]", each.table, f"{text}\n[dim]{advice}[/]")
    return shown
