"""``whylead explain``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from data_contracts.errors import FileError, ParamsError
from features.feature import Language
from pipelines.commands import options
from pipelines.commands.console import print_json, stderr, stdout
from pipelines.workspace.params import ExplainParams, read_params
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.explanation.one_lead import LeadScore


def command(
    workspace: options.Workspace = Path("workspace"),
    lead: Annotated[
        str | None, typer.Option(metavar="ID", help="Explain the score of this lead only (its id).")
    ] = None,
    model: options.Model = None,
    language: options.Language = "en",
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="With --lead: time of the score, ISO 8601 (default: end of the data)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --lead: HTML file to write (default: leads/ID.html in the workspace)."),
    ] = None,
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
    as_json: options.Json = False,
) -> None:
    """Show what drives conversion on the test leads or, with --lead, why one lead scores as it does.

    Test leads are explained by the model that was trained last; one lead by the champion, which `whylead score` and
    `whylead serve` answer with. Example: `whylead explain --lead C0000042 --language es`
    """
    paths = Workspace(workspace)
    if lead is None:
        only = {"--model": model, "--as-of": as_of, "--out": out}
        _refuse_without_lead([name for name, value in only.items() if value is not None])
        _explain_all(paths, read_params(params).explain, language, as_json=as_json)
        return
    from data_contracts.dataset import Dataset
    from pipelines.explanation.one_lead import score_one
    from pipelines.registry.model_source import open_model
    from pipelines.scoring.moments import parse_as_of
    from pipelines.workspace.resources import Resources

    moment = None if as_of is None else parse_as_of(as_of)
    artifact, dataset = open_model(model, paths), Dataset(paths.tables)
    score = score_one(artifact, dataset, lead, as_of=moment, language=language, resources=Resources.of(memory))
    _show_lead(score, out, page_of(paths, lead), language, as_json=as_json)


def _refuse_without_lead(given: list[str]) -> None:
    if given:
        raise ParamsError(f"{' and '.join(given)}: only for the score of one lead.", hint="Name the lead: --lead ID.")


def page_of(workspace: Workspace, lead: str) -> Path:
    """Where the page of a lead goes: below the workspace, under a name that any file system takes."""
    return workspace.root / "leads" / (re.sub(r"[^\w.-]", "_", lead).lstrip(".")[:100] + ".html")


def _explain_all(workspace: Workspace, params: ExplainParams, language: Language, *, as_json: bool) -> None:
    from pipelines.explanation.stage import explain_model
    from pipelines.explanation.terminal import show_importance
    from pipelines.pages.texts import texts_in
    from pipelines.registry.run import require_run
    from pipelines.registry.tracking import log_stage

    with workspace.writing(), options.stages() as on_stage:
        run = require_run(workspace)
        explained = explain_model(workspace, params, on_stage("explain"), language=language)
        log_stage(workspace, workspace.explanation, run.model)
    if as_json:
        print_json(explained.importance.to_json())
        return
    console, say = stdout(), texts_in(language)
    show_importance(console, explained.importance, say)
    console.print(say("terminal.report", path=str(workspace.explanation / "importance.html")), highlight=False)
    commands = (f"[bold]{escape(workspace.command(words))}[/]" for words in ("explain --lead ID", "register"))
    console.print(say("terminal.next", command=", ".join(commands)), highlight=False)


def _show_lead(lead: "LeadScore", out: Path | None, usual: Path, language: Language, *, as_json: bool) -> None:
    """Print the score and write its page; that the usual place cannot be written is no reason to say nothing."""
    from features.phrases import phrasebook
    from pipelines.explanation.lead_page import render_lead, write_lead_page

    page, failure = out or usual, None
    try:
        write_lead_page(lead, page, language)
    except FileError as error:
        failure = error
    if as_json:
        print_json(lead.to_json() | {"page": None if failure else str(page)})
    else:
        console = stdout()
        console.print(render_lead(lead, language))
        if failure is None:
            console.print(f"{phrasebook(language).words('page')}: {page}", highlight=False)
    if failure is not None and out is not None:
        raise failure
    if failure is not None:
        stderr().print(f"[yellow]Note:[/] no page was written: {escape(str(failure))}", highlight=False)
