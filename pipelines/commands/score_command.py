"""``whylead score``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data_contracts.dataset import Attribute, Dataset
from data_contracts.errors import ParamsError
from data_contracts.progress import Progress
from features.feature import Language
from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.scoring.stage import Scoring
    from pipelines.workspace.bounds import Bounds
    from pipelines.workspace.resources import Resources

_KEPT = "Finished chunks are kept beside the output: run the same command again to continue."
_WIDTH = 36  # of the tables of grades and of stages, one below the other


def command(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="File to write: .parquet, .csv or .xlsx.")],
    model: options.Model = None,
    source: Annotated[Path | None, options.SOURCE] = None,
    mapping: Annotated[str | None, options.MAPPING] = None,
    workspace: options.Workspace = Path("workspace"),
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="Time of the scores, ISO 8601 (default: end of the data).")
    ] = None,
    include_closed: Annotated[
        bool, typer.Option("--include-closed", help="Score leads that were already won or lost as well.")
    ] = False,
    language: Annotated[Language, typer.Option(help="Language of the reasons and of what is printed.")] = "en",
    limit: Annotated[int, typer.Option("--reasons", min=0, max=50, help="Maximum number of reasons per lead.")] = 8,
    no_reasons: Annotated[bool, typer.Option("--no-reasons", help="Leave out the reasons; much faster.")] = False,
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
    as_json: options.Json = False,
) -> None:
    """Score every open lead of an export, or of the workspace without --source, with grade, stage and reasons.

    Leads that were won or lost are left out unless --include-closed is given; the column deal_outcome names them. An
    interrupted run keeps its finished chunks beside the output; run the same command again to continue.

    Example: `whylead score --model workspace/model --source exports --mapping hubspot --out scores.parquet`
    """
    from pipelines.registry.model_source import open_model
    from pipelines.scoring.moments import parse_as_of
    from pipelines.scoring.stage import score_dataset
    from pipelines.workspace.params import read_params
    from pipelines.workspace.resources import Resources

    moment = None if as_of is None else parse_as_of(as_of)
    bounds = read_params(params).bounds
    artifact, resources = open_model(model, Workspace(workspace)), Resources.of(memory)
    with (
        options.stages(_KEPT) as on_stage,
        _tables(source, mapping, workspace, artifact.attributes, resources, bounds, on_stage("import")) as dataset,
    ):
        scoring = score_dataset(
            artifact,
            dataset,
            out,
            as_of=moment,
            include_closed=include_closed,
            reasons=None if no_reasons else limit,
            language=language,
            resources=resources,
            on_progress=on_stage("score"),
        )
        if source is not None:
            scoring = replace(scoring, warnings=[*scoring.warnings, *dataset.manifest.notes])
    if as_json:
        print_json(scoring)
    else:
        show(stdout(), scoring, language)


@contextmanager
def _tables(
    source: Path | None,
    mapping: str | None,
    workspace: Path,
    known: Sequence[Attribute],
    resources: "Resources",
    bounds: "Bounds",
    on_progress: Progress,
) -> Iterator[Dataset]:
    """The tables of the workspace, or those of an export, imported for this one use with the model's types."""
    if (source is None) != (mapping is None):
        raise ParamsError("--source and --mapping go together.", hint="Give both, or neither to score the workspace.")
    if source is None or mapping is None:
        yield Dataset(Workspace(workspace).tables)
        return
    from data_contracts.mapping.mapping import load_mapping
    from pipelines.importing.importer import import_tables

    with TemporaryDirectory(prefix="whylead-score-") as directory:
        tables, rejected = Path(directory) / "tables", Path(directory) / "rejected"
        import_tables(
            load_mapping(mapping),
            source,
            tables,
            rejected,
            resources=resources,
            known=known,
            bounds=bounds,
            on_progress=on_progress,
        )
        yield Dataset(tables)


def show(console: Console, scoring: "Scoring", language: Language = "en") -> None:
    """Print how many leads there are of each grade and stage."""
    from features.phrases import phrasebook
    from pipelines.pages.texts import texts_in

    say, book = texts_in(language), phrasebook(language)
    mean = say.percent(scoring.mean_probability, 1)
    if scoring.as_of:
        console.print(say("terminal.score.scored_as_of", scoring.rows, moment=scoring.as_of, mean=mean))
    else:
        console.print(say("terminal.score.scored", scoring.rows, mean=mean))
    if scoring.resumed:
        console.print(say("terminal.score.resumed", scoring.resumed))
    if scoring.left_out:
        console.print(say("terminal.score.left_out", scoring.left_out))
    if any(scoring.closed.values()):
        counts = {outcome: say.number(scoring.closed.get(outcome, 0), 0) for outcome in ("won", "lost")}
        console.print(say("terminal.score.closed", sum(scoring.closed.values()), **counts))
    stages = {book.words("stages")[stage]: count for stage, count in scoring.stages.items()}
    for title, counted in ((book.words("grade"), scoring.grades), (book.words("stage"), stages)):
        table = Table(min_width=_WIDTH)
        table.add_column(title)
        table.add_column(say("terminal.score.leads"), justify="right")
        for name, count in counted.items():
            table.add_row(name, say.number(count, 0))
        console.print(table)
    for warning in scoring.warnings:
        console.print(
            f"[yellow]{escape(say('terminal.score.note', warning=say.translated(warning)))}[/]", highlight=False
        )
    seconds = say.number(scoring.seconds, 1)
    console.print(escape(say("terminal.score.written", path=scoring.out, seconds=seconds)), highlight=False)
