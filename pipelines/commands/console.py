"""What the command line shows: results on stdout, progress and complaints on stderr."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

from data_contracts.errors import WhyleadError

if TYPE_CHECKING:  # rich is imported where something is shown: help pages and servers start without it
    from rich.console import Console
    from rich.progress import Progress


def stdout() -> "Console":
    """Where results go."""
    from rich.console import Console

    return Console(file=sys.stdout, soft_wrap=not sys.stdout.isatty())


def stderr() -> "Console":
    """Where progress and complaints go."""
    from rich.console import Console

    return Console(file=sys.stderr, soft_wrap=not sys.stderr.isatty())


def complain(error: WhyleadError) -> None:
    """Print an error raised on purpose: what was found, then what to do."""
    from rich.markup import escape

    console = stderr()
    console.print(f"[bold red]Error:[/] {escape(error.message)}", highlight=False)
    if error.hint:
        console.print(escape(error.hint), highlight=False)


def print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON value on stdout, not wrapped and without colour; of a dataclass its fields."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:  # noqa: ANN401 - as above
    return vars(value) if is_dataclass(value) else str(value)


@contextmanager
def progress() -> Iterator["Progress"]:
    """Progress bars on stderr, gone when done; silent where stderr is not a terminal."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=stderr(),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bars:
        yield bars
