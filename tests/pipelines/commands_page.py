"""docs/commands.md, written from the commands themselves: ``python -m tests.pipelines.commands_page``."""

import importlib
import inspect
from typing import Any

from pipelines.cli import COMMANDS, load_command
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "commands.md"
HEAD = """# Commands
`whylead COMMAND --help` says the same on the terminal. Whatever reports takes `--json`. The exit code is 0 where all is
fine, 1 where what was checked falls short, 2 for wrong input or use. Written from the commands by
`python -m tests.pipelines.commands_page`; a test compares.
"""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for name in COMMANDS:
        command = load_command(name)
        told = inspect.getdoc(importlib.import_module(f"pipelines.commands.{name}_command").command)
        options = [_option(parameter) for parameter in command.params if parameter.name != "help"]
        parts.append(
            "\n".join([f"## {name}", told or "", "", "| option | meaning | default |", "| --- | --- | --- |", *options])
        )
    return "\n".join(part + "\n" for part in parts)


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
