"""``whylead explain``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.feature import Language
from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.params import ExplainParams, read_params
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from models.score import Score


def command(
    workspace: options.Workspace = Path("workspace"),
    lead: Annotated[str | None, typer.Option(help="Explain the score of this lead only (its id).")] = None,
    language: Annotated[Language, typer.Option(help="Language of the reasons.")] = "en",
    as_of: Annotated[
        str | None, typer.Option(help="With --lead: time of the score, ISO 8601 (default: end of the data).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --lead: HTML file to write (default: leads/ID.html in the workspace).")
    ] = None,
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
    as_json: options.Json = False,
) -> None:
    """Show what drives conversion on the test leads or, with --lead, why one lead scores as it does.

    Example: `whylead explain --lead L000042 --language es`
    """
    paths = Workspace(workspace)
    if lead is None:
        _explain_all(paths, read_params(params).explain, as_json=as_json)
        return
    from data_contracts.dataset import Dataset
    from models.storage.artifact import load_artifact
    from pipelines.explanation.one_lead import score_one
    from pipelines.scoring.moments import parse_as_of
    from pipelines.workspace.resources import Resources

    moment = None if as_of is None else parse_as_of(as_of)
    artifact, dataset = load_artifact(paths.model), Dataset(paths.tables)
    score = score_one(artifact, dataset, lead, as_of=moment, language=language, resources=Resources.of(memory))
    _show_lead(score, out or page_of(paths, lead), language, as_json=as_json)


def page_of(workspace: Workspace, lead: str) -> Path:
    """Where the page of a lead goes: below the workspace, under a name that any file system takes."""
    return workspace.root / "leads" / (re.sub(r"[^\w.-]", "_", lead).lstrip(".")[:100] + ".html")


def _explain_all(workspace: Workspace, params: ExplainParams, *, as_json: bool) -> None:
    from pipelines.explanation.stage import explain_model
    from pipelines.explanation.terminal import show_importance
    from pipelines.registry.tracking import log_stage

    with options.stages() as on_stage:
        explained = explain_model(workspace, params, on_stage("explain"))
        log_stage(workspace, workspace.explanation)
    if as_json:
        print_json(explained.importance.to_json())
        return
    console = stdout()
    show_importance(console, explained.importance)
    console.print(f"Report: {workspace.explanation / 'importance.html'}", highlight=False)
    console.print("Next: [bold]whylead explain --lead ID[/] or [bold]whylead register[/]")


def _show_lead(score: "Score", page: Path, language: Language, *, as_json: bool) -> None:
    from pipelines.explanation.lead_page import render_lead, write_lead_page

    write_lead_page(score, page, language)
    if as_json:
        print_json(score.to_json() | {"page": str(page)})
        return
    console = stdout()
    console.print(render_lead(score, language))
    console.print(f"Page: {page}", highlight=False)
