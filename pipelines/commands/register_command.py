"""``whylead register``."""

from pathlib import Path

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.registry.terminal import show_registration
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"), memory: options.Memory = None, as_json: options.Json = False
) -> None:
    """Register the trained model as the challenger, or as the first champion.

    Prints both on the same test leads. Example: `whylead register`
    """
    from pipelines.registry.registration import register_model
    from pipelines.workspace.resources import Resources

    place = Workspace(workspace)
    with place.writing():
        registration = register_model(place, Resources.of(memory))
    if as_json:
        print_json(registration.to_json())
    else:
        show_registration(stdout(), registration, place)
