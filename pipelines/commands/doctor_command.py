"""``whylead doctor``."""

from pathlib import Path

import typer

from pipelines.commands.console import print_json, stdout
from pipelines.commands.options import JsonOption, WorkspaceOption
from pipelines.workspace.workspace import Workspace


def command(workspace: WorkspaceOption = Path("workspace"), as_json: JsonOption = False) -> None:
    """Check the installation: packages, compiler cache, workspace, tracking store, data, champion.

    Exits with 1 if something required is missing. Example: `whylead doctor`
    """
    from pipelines.doctor import examine, findings_table

    findings = examine(Workspace(workspace))
    if as_json:
        print_json([finding.__dict__ for finding in findings])
    else:
        stdout().print(findings_table(findings))
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(1)
