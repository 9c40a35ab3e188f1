"""Writes docs/commands.md from the commands: ``python -m tests.pipelines.commands_page``."""

import importlib
import inspect
from typing import Any

from pipelines.cli import COMMANDS, load_command
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "commands.md"
HEAD = """# Commands
`whylead COMMAND --help` shows the same text in the terminal. Every command that reports results takes `--json`. Exit
codes: 0 success, 1 a check failed, 2 wrong input or usage, 130 stopped with Ctrl-C. `whylead --install-completion` lets
the shell complete commands, options and names of mappings. This page is generated from the commands by
`python -m tests.pipelines.commands_page`; a test compares the two.
"""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for name in COMMANDS:
        command = load_command(name)
        docstring = inspect.getdoc(importlib.import_module(f"pipelines.commands.{name}_command").command)
        options = [_option(parameter) for parameter in command.params if is_shown(parameter)]
        parts.append(
            "\n".join(
                [f"## {name}", docstring or "", "", "| option | meaning | default |", "| --- | --- | --- |", *options]
            )
        )
    return "\n".join(part + "\n" for part in parts)


def is_shown(parameter: Any) -> bool:
    """Whether the page lists the parameter: not --help, and no old name that is kept for a version."""
    return parameter.name != "help" and not getattr(parameter, "hidden", False)


def _option(parameter: Any) -> str:
    names = (
        ", ".join(f"`{name}`" for name in reversed(parameter.opts))
        if parameter.opts[0][0] == "-"
        else f"`{parameter.name}`"
    )
    default = (
        "required" if parameter.required else "" if parameter.default in (None, False) else f"`{parameter.default}`"
    )
    return f"| {names} | {parameter.help or ''} | {default} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
