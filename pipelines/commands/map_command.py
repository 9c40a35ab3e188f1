"""`whylead map`: a first draft of a mapping for the files of an unknown export."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from data_contracts.errors import FileError
from data_contracts.replacing import replacing_file
from data_contracts.wording import counted
from pipelines.commands import options
from pipelines.commands.console import stderr


def command(
    directory: Annotated[Path, typer.Argument(help="Directory with the export's files.")],
    out: Annotated[Path | None, typer.Option(help="File to write (default: standard output).")] = None,
    params: options.ParamsFile = Path("params.yaml"),
) -> None:
    """Draft a mapping for unknown files: keys, joins, dates, outcome, personal data and suspected leaks.
    Review every guess. A dry run tells what the draft would read, and what is won, lost and open.

    Example: `whylead map export/ --out my-crm.yaml`
    """
    from pipelines.drafting.draft import draft_mapping
    from pipelines.workspace.params import read_params

    if out is not None and out.exists():
        raise FileError(f"{out} already exists.", hint="Choose another name with --out, or remove the file first.")
    with options.stages() as on_stage:
        draft = draft_mapping(directory, read_params(params).bounds, on_stage("map"))
    if out is None:
        sys.stdout.write(draft.text)
        return
    with replacing_file(out) as file:
        file.write_text(draft.text, encoding="utf-8")
    console = stderr()
    for line in draft.dry_run.lines():
        console.print(escape(line), style="yellow" if "CHECK" in line else None, highlight=False)
    checks = counted(draft.text.count("CHECK"), "place")
    console.print(f"Wrote {escape(str(out))}: review {checks} marked CHECK, then run", highlight=False)
    then = shlex.join(["whylead", "import", "--mapping", str(out), "--source", str(directory)])
    console.print(escape(then), highlight=False, soft_wrap=True)
