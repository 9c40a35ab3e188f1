"""``whylead compile``."""

from typing import TYPE_CHECKING, Annotated

import typer

from data_contracts.wording import counted
from pipelines.commands import options
from pipelines.commands.console import print_json, stdout

if TYPE_CHECKING:
    from pipelines.kernels import KernelModule


def command(
    force: Annotated[bool, typer.Option("--force", help="Recompile all kernels, ignoring the cache.")] = False,
    anew: Annotated[bool, typer.Option("--anew", hidden=True, help="Former name of --force.")] = False,
    as_json: options.Json = False,
) -> None:
    """Compile the kernels ahead of time. Run once per machine and after each upgrade, so that no command or
    request has to wait.

    Example: `whylead compile`
    """
    from pipelines.kernels import load_kernels

    modules = load_kernels(force=force or anew)
    if as_json:
        print_json(modules)
    else:
        show(modules)


def show(modules: list["KernelModule"]) -> None:
    """Print what was compiled, how long it took, and where it is cached."""
    console = stdout()
    for module in modules:
        what = (
            f"compiled {module.compiled} of {counted(module.kernels, 'kernel')}"
            if module.compiled
            else "already compiled"
        )
        console.print(f"{module.name}: {what}, {module.seconds:.1f} s, cached in {module.cache}", highlight=False)
