"""``whylead doctor``."""

from pathlib import Path

import typer

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace


def command(workspace: options.Workspace = Path("workspace"), as_json: options.Json = False) -> None:
    """Check the installation: packages, compiler cache, workspace, tracking store, data, champion.

    Exits with 1 if something required is missing. Example: `whylead doctor`
    """
    from pipelines.doctor import examine, findings_table

    findings = examine(Workspace(workspace))
    if as_json:
        print_json(findings)
    else:
        stdout().print(findings_table(findings))
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(1)
