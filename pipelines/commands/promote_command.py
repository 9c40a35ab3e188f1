"""``whylead promote``."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"),
    version: Annotated[int | None, typer.Option(help="Version to promote (default: the challenger).")] = None,
    as_json: options.Json = False,
) -> None:
    """Make the challenger, or a given version, the champion that `whylead serve` answers with.

    Example: `whylead promote --version 3`
    """
    from pipelines.registry.registration import promote

    place = Workspace(workspace)
    with place.writing():
        chosen = promote(place, version)
    if as_json:
        print_json({"version": chosen.number, "alias": "champion", "model_uri": chosen.uri})
    else:
        stdout().print(f"whylead version {chosen.number} is the champion. Restart `whylead serve` to serve it.")
