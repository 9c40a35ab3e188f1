"""The command ``whylead``: finds the commands, and turns errors raised on purpose into a message and an exit code."""

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from data_contracts.errors import WhyleadError

if TYPE_CHECKING:
    from typer.core import TyperCommand

# In the order of the help page. Each command is the function `command` of pipelines/commands/NAME_command.py; its line
# here is the first paragraph of that function's docstring, so that the list can be shown without importing the modules.
COMMANDS = {
    "demo": "Simulate a company, train on its closed deals, and show scores with reasons.",
    "simulate": "Simulate a B2B company: a CRM-style export, plus the true win probabilities in a separate file.",
    "map": "Draft a mapping for unknown files: keys, joins, dates, outcome, personal data and suspected leaks. "
    "Review every guess.",
    "import": "Convert the files of an export into the canonical tables.",
    "validate": "Check the imported tables against their contracts; exits with 1 if the data checks fail.",
    "features": "Compute snapshots, labels, the split and the feature matrix from the tables.",
    "train": "Train a calibrated model on the feature matrix; writes the artifact and an MLflow run.",
    "evaluate": "Compare the model with the baselines on the test leads, and write the report.",
    "explain": "Show what drives conversion on the test leads or, with --lead, why one lead scores as it does.",
    "register": "Register the trained model as the challenger, or as the first champion.",
    "promote": "Make the challenger, or a given version, the champion that `whylead serve` answers with.",
    "score": "Score every lead of an export, or of the workspace without --source, with grade, stage and reasons.",
    "run": "Run every step from import to register: import, validate, features, train, evaluate, explain, register.",
    "serve": "Answer score requests over HTTP; docs/http.md describes the requests.",
    "compile": "Compile the kernels ahead of time. Run once per machine and after each upgrade, so that no command or "
    "request has to wait.",
    "doctor": "Check the installation: packages, compiler cache, workspace, tracking store, data, champion.",
}


class CommandLine(TyperGroup):
    """Imports a command only when it is called; the list of commands needs just their names and lines."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - typer has the class under names that differ between its versions
        args: list[str],
    ) -> tuple[str | None, "TyperCommand | None", list[str]]:
        """The command that the first argument names, and the remaining arguments; an unknown name is a usage error."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name and known else None, rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - as above
        """Write the list of commands, each with its whole line."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def load_command(name: str) -> "TyperCommand":
    """The command itself, with its options."""
    module = importlib.import_module(f"pipelines.commands.{name}_command")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name)(module.command)
    command: TyperCommand = typer.main.get_command(alone)  # type: ignore[assignment] # a single command is not a group
    return command


def build_app() -> typer.Typer:
    """Put the commands together."""
    # Plain text: typer's coloured help imports parsers of Markdown and of programs, more than all the rest takes.
    app = typer.Typer(
        name="whylead",
        cls=CommandLine,
        help="Predict from won and lost deals which leads will buy, and explain why.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for name, line in COMMANDS.items():
        app.command(name, help=line)(_placeholder)
    return app


def _placeholder() -> None:
    """Never called: CommandLine replaces it with the command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 success, 1 a check failed, 2 wrong input or usage."""
    # Otherwise NumPy asks for huge pages, and the operating system may stop to move memory: up to a second per step.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        build_app()(args=arguments)
    except WhyleadError as error:
        from pipelines.commands.console import complain

        complain(error)
        sys.exit(error.exit_code)
