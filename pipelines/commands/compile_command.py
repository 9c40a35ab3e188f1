"""``whylead compile``."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import print_json, stdout
from pipelines.commands.options import JsonOption

if TYPE_CHECKING:
    from pipelines.kernels import KernelModule


def command(
    anew: Annotated[bool, typer.Option("--anew", help="Compile all of them, whatever the cache holds.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compile the kernels ahead of time, once per machine and update: no command, no request waits for it.

    Example: `whylead compile`
    """
    from pipelines.kernels import load_kernels

    modules = load_kernels(anew=anew)
    if as_json:
        print_json([module.__dict__ for module in modules])
    else:
        show(modules)


def show(modules: list["KernelModule"]) -> None:
    """Say what was compiled, how long that took, and where it is kept."""
    console = stdout()
    for module in modules:
        what = f"{module.compiled} of {module.kernels} kernels compiled" if module.compiled else "warm"
        console.print(f"{module.name}: {what}, {module.seconds:.1f} s, kept in {module.cache}", highlight=False)
