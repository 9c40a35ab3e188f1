"""Options that several commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_contracts.errors import ParamsError
from features.feature import Language as InLanguage
from pipelines.commands.console import progress
from pipelines.workspace.interrupts import check
from pipelines.workspace.params import SplitStrategy

if TYPE_CHECKING:
    from rich.progress import TaskID

    from pipelines.workspace.params import Params

LEARNING, MACHINE = "Splitting and learning", "Settings and output"  # sections of the help pages, after "Options"


def _mapping_names() -> list[str]:
    """What the shell completes --mapping with; files it knows itself."""
    from data_contracts.mapping.mapping import shipped_mappings

    return list(shipped_mappings())


MAPPING = typer.Option(
    "--mapping",
    "-m",
    metavar="NAME|FILE",
    help="Name of a built-in mapping, or a mapping file.",
    autocompletion=_mapping_names,
)
SOURCE = typer.Option("--source", "-s", metavar="DIR", help="Directory with the export's files.")
_BUDGET = "Approximate training budget in seconds of an otherwise idle machine (0 disables tuning)."
_MEMORY = "Memory for tables and events, for example 800MB (default: WHYLEAD_MEMORY, else 2GB)."
_LANGUAGE = "Language of the pages and of what is printed."
_PARAMS = "YAML file with every setting that affects results."
_MODEL = "Artifact directory or a URI such as models:/whylead@champion (default: the workspace's champion)."
_SCORECARD = "YAML file with your own hand-picked points, to compare with (default: the built-in ones)."
_SPLIT = "Split strategy (default: that of params.yaml)."
_TEST_SHARE = "Share of the labelled leads held out for testing."
_TRIALS = "Run exactly N tuning trials instead of a time budget; makes training reproducible."
_TRUTH = "Parquet file with the simulator's true probabilities, to compare with."

Workspace = Annotated[Path, typer.Option("--workspace", "-w", metavar="DIR", help="Directory for all generated files.")]
Mapping = Annotated[str, MAPPING]
Source = Annotated[Path, SOURCE]
Model = Annotated[str | None, typer.Option(metavar="DIR|URI", help=_MODEL)]
Language = Annotated[InLanguage, typer.Option(help=_LANGUAGE)]
Scorecard = Annotated[Path | None, typer.Option(metavar="FILE", help=_SCORECARD)]
Truth = Annotated[Path | None, typer.Option(metavar="FILE", help=_TRUTH)]

Split = Annotated[SplitStrategy | None, typer.Option(help=_SPLIT, rich_help_panel=LEARNING)]
TestShare = Annotated[float | None, typer.Option(help=_TEST_SHARE, rich_help_panel=LEARNING)]
Seed = Annotated[int | None, typer.Option(help="Seed of the split and of training.", rich_help_panel=LEARNING)]
Budget = Annotated[float | None, typer.Option(metavar="SECONDS", help=_BUDGET, rich_help_panel=LEARNING)]
Trials = Annotated[int | None, typer.Option(metavar="N", help=_TRIALS, rich_help_panel=LEARNING)]

ParamsFile = Annotated[Path, typer.Option("--params", metavar="FILE", help=_PARAMS, rich_help_panel=MACHINE)]
Memory = Annotated[str | None, typer.Option(metavar="SIZE", help=_MEMORY, rich_help_panel=MACHINE)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.", rich_help_panel=MACHINE)]


def load_params(path: Path, **options: Any) -> "Params":  # noqa: ANN401 - options of any type
    """params.yaml with options of ``features`` and ``train``, by the names of their keys, in place; None leaves a key.

    Raises ParamsError, which names the option and the value.
    """
    from pydantic import ValidationError

    from data_contracts.validation_errors import complaint
    from pipelines.workspace.params import read_params

    params = read_params(path)
    sections = {"features": params.features, "train": params.train}
    for name, section in sections.items():
        changes = {key: options[key] for key in type(section).model_fields if options.get(key) is not None}
        try:
            sections[name] = type(section).model_validate(section.model_dump() | changes)
        except ValidationError as error:
            option = str(error.errors()[0]["loc"][0]).replace("_seconds", "").replace("_", "-")
            raise ParamsError(f"--{option}: {complaint(error)}.") from error
    return params.model_copy(update=sections)


@contextmanager
def stages(on_interrupt: str = "") -> Iterator[Callable[[str], Callable[[str, float], None]]]:
    """A progress bar per stage: ``on_stage(name)`` gives the callback ``(what is done now, share done)``.

    A stage is done when the next one begins. ``on_interrupt`` tells a person who stops the command what is left of it,
    where it is more than finished stages.
    """
    tasks: dict[str, TaskID] = {}
    with progress() as bars:

        def finish() -> None:
            for task in tasks.values():
                bars.update(task, completed=1.0, note="")

        def on_stage(name: str) -> Callable[[str, float], None]:
            check()
            finish()
            task = tasks[name] = bars.add_task(name, total=1.0, note="")

            def on_progress(message: str, share: float) -> None:
                check()
                bars.update(task, completed=share, note=message)

            return on_progress

        try:
            yield on_stage
        except KeyboardInterrupt as stopped:
            raise KeyboardInterrupt(on_interrupt or interrupted(list(tasks))) from stopped
        finish()


def interrupted(names: list[str]) -> str:
    """What is left of a command that a person has stopped in the last of these stages, and how to go on.

    >>> interrupted(["train"])
    'Nothing half done is left of train: run the same command again.'
    >>> interrupted(["import", "validate"])
    'Nothing half done is left of validate, and import is finished: run the same command again, or whylead validate.'
    """
    if not names:
        return "Nothing was done: run the same command again."
    *finished, last = names
    if not finished:
        return f"Nothing half done is left of {last}: run the same command again."
    done = f"{', '.join(finished)} {'is' if len(finished) == 1 else 'are'} finished"
    return f"Nothing half done is left of {last}, and {done}: run the same command again, or whylead {last}."
