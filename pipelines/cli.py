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

# In the order of the help page; each is the function `command` of the module pipelines/commands/NAME.py, and what it is
# said to do here is the first paragraph of its docstring: the list needs none of the modules.
COMMANDS = {
    "demo": "Simulate a company, learn from its deals, and show scores with reasons.",
    "simulate": "Simulate a B2B company: an export as a CRM would give it, and the true probabilities apart from it.",
    "map": "Draft a mapping for unknown files: keys, joins, dates, outcome, personal data, leak suspects; all to be "
    "checked.",
    "import": "Turn the files of an export into the canonical tables.",
    "validate": "Check the imported tables against their contracts; exits 1 if the data fall short.",
    "features": "Turn the tables into snapshots, labels, a split and the feature matrix.",
    "train": "Learn a calibrated model from the feature matrix; writes the artifact and an MLflow run.",
    "evaluate": "Measure the model on the test leads against the baselines, and write the report.",
    "explain": "Say what drives conversion on the test leads, or with --lead why one lead scores as it does.",
    "register": "Register the trained model: the challenger of the champion, or the first champion.",
    "promote": "Make the challenger, or a version, the champion that `whylead serve` answers with.",
    "score": "Score every lead of an export, or of the workspace where no --source is given, with grade, stage and "
    "reasons.",
    "run": "Import, validate, features, train, evaluate, explain and register in one go.",
    "serve": "Answer score requests over HTTP; docs/http.md says how to ask.",
    "compile": "Compile the kernels ahead of time, once per machine and update: no command, no request waits for it.",
    "doctor": "Say what is missing: packages, compiler cache, workspace, tracking store, data, champion.",
}


class CommandLine(TyperGroup):
    """Imports a command when it is asked for; until then a name and a line stand for it."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - typer has the class under names that differ between its versions
        args: list[str],
    ) -> tuple[str | None, "TyperCommand | None", list[str]]:
        """The command that the first argument names, and the other arguments; an unknown name is wrong use."""
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
    command: TyperCommand = typer.main.get_command(alone)  # type: ignore[assignment] # one command is no group
    return command


def build_app() -> typer.Typer:
    """Put the commands together."""
    # Plain text: typer's coloured help imports parsers of Markdown and of programs, more than all the rest takes.
    app = typer.Typer(
        name="whylead",
        cls=CommandLine,
        help="Learn from won and lost deals which leads will buy, and say why.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for name, told in COMMANDS.items():
        app.command(name, help=told)(_stand_in)
    return app


def _stand_in() -> None:
    """Is never called: CommandLine puts the command in its place."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit 0 fine, 1 what was checked falls short, 2 wrong input or use."""
    # NumPy would ask for huge pages, for which the kernel may stop to move memory: a second of many a step here.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        build_app()(args=arguments)
    except WhyleadError as error:
        from pipelines.commands.console import complain

        complain(error)
        sys.exit(error.exit_code)
