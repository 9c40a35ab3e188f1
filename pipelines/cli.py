"""The command ``whylead``: finds the commands, and turns errors raised on purpose into a message and an exit code."""

import ast
import importlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from data_contracts.errors import FileError, WhyleadError
from pipelines.workspace.interrupts import noted

# In the order of the help page; each is the function `command` of pipelines/commands/NAME_command.py.
COMMANDS = (
    "demo", "simulate", "map", "import", "validate", "features", "train", "evaluate", "explain", "register", "promote",
    "score", "run", "serve", "compile", "doctor",
)  # fmt: skip
HELP = {"help_option_names": ["-h", "--help"]}


class CommandLine(TyperGroup):
    """Imports a command only when it is called; the list of commands is read from their source."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - typer has the class under names that differ between its versions
        args: list[str],
    ) -> tuple[str | None, TyperCommand | None, list[str]]:
        """The command that the first argument names, and the remaining arguments; an unknown name is a usage error."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name and known else None, rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - as above
        """Write the list of commands, each with its whole line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, first_line(name)) for name in COMMANDS])


class SectionedCommand(TyperCommand):
    """Shows its options in sections: what is asked for most, then those of each panel; says plainly what is wrong."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - as above
        """The remaining arguments; what an option expects is said in a person's words."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            from pydantic import ValidationError

            from data_contracts.validation_errors import complaint

            if isinstance(error.__cause__, ValidationError):
                error.message = f"{complaint(error.__cause__)}."
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write arguments and options, each section with its heading."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
            if record is not None:
                sections.setdefault(getattr(parameter, "rich_help_panel", None) or usual, []).append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        """Run the command; a person who stops it reads what is left of it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            typer.echo(f"Interrupted. {stopped}".strip(), err=True)
            raise


def load_command(name: str) -> TyperCommand:
    """The command itself, with its options."""
    module = importlib.import_module(f"pipelines.commands.{name}_command")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name, cls=SectionedCommand, context_settings=HELP)(module.command)
    command: TyperCommand = typer.main.get_command(alone)  # type: ignore[assignment] # a single command is not a group
    return command


def first_line(name: str) -> str:
    """What a command does: the first paragraph of its docstring, without importing it."""
    code = (Path(__file__).parent / "commands" / f"{name}_command.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    docstring = next(ast.get_docstring(function) for function in functions if function.name == "command")
    return " ".join((docstring or "").partition("\n\n")[0].split())


def build_app() -> typer.Typer:
    """Put the commands together."""
    # Plain text: typer's coloured help imports parsers of Markdown and of programs, more than all the rest takes.
    app = typer.Typer(
        name="whylead",
        cls=CommandLine,
        help="Predict from won and lost deals which leads will buy, and explain why.",
        no_args_is_help=True,
        context_settings=HELP,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    for name in COMMANDS:
        app.command(name)(_placeholder)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"whylead {version('whylead')}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Predict from won and lost deals which leads will buy, and explain why."""


def _placeholder() -> None:
    """Never called: CommandLine replaces it with the command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 success, 1 a check failed, 2 wrong input or usage."""
    # Otherwise NumPy asks for huge pages, and the operating system may stop to move memory: up to a second per step.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        with noted():
            build_app()(args=arguments)
    except WhyleadError as error:
        _end(error)
    except OSError as error:
        if error.strerror is None:  # of a library, not of the system
            raise
        where = f"{error.filename}: " if error.filename else ""
        _end(FileError(f"{where}{error.strerror}.", hint="Is the place there and writable, and the disk not full?"))


def _end(error: WhyleadError) -> NoReturn:
    from pipelines.commands.console import complain

    complain(error)
    sys.exit(error.exit_code)
