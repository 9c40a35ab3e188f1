"""``whylead doctor``."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"),
    personal: Annotated[bool, typer.Option("--personal", help="Look for personal data in all that is stored.")] = False,
    as_json: options.Json = False,
) -> None:
    """Check the installation, and whether tables, features, model, run, evaluation and champion belong together.

    Looks at packages, compiler cache, workspace and tracking store too; what is stale names the command that makes it
    whole. Exits with 1 if something required is missing, or personal data is found (`--personal` looks for it in
    tables, artifacts and the tracking store). Example: `whylead doctor --personal`
    """
    from pipelines.doctor import examine, findings_table, look_for_personal_data

    findings = examine(Workspace(workspace))
    if personal:
        findings += look_for_personal_data(Workspace(workspace))
    if as_json:
        print_json(findings)
    else:
        stdout().print(findings_table(findings))
    if any(finding.state in ("missing", "found") for finding in findings):
        raise typer.Exit(1)
