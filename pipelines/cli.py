"""The command ``whylead``: finds the commands, and turns errors raised on purpose into a message and an exit code."""

import importlib
import sys

import typer

from data_contracts.errors import WhyleadError
from pipelines.console import complain

# In the order of the help page; each is the function `command` of the module pipelines/commands/NAME.py.
COMMANDS = (
    "demo", "simulate", "map", "import", "validate", "features", "train", "evaluate", "explain", "register",
    "promote", "score", "run", "serve", "doctor",
)  # fmt: skip


def build_app() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        name="whylead",
        help="Learn from won and lost deals which leads will buy, and say why.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    for name in COMMANDS:
        module = importlib.import_module(f"pipelines.commands.{name}_command")
        app.command(name)(module.command)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit 0 fine, 1 what was checked falls short, 2 wrong input or use."""
    try:
        build_app()(args=arguments)
    except WhyleadError as error:
        complain(error)
        sys.exit(error.exit_code)
