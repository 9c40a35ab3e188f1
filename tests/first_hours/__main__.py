"""``python -m tests.first_hours [PERSONA ...] [--workspace DIR]``: what four newcomers see.

Without a workspace a small one is made first, by the commands that a newcomer would type.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from pipelines.workspace.workspace import Workspace
from tests.first_hours import PERSONAS
from tests.first_hours.hour import Hour


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.first_hours", description=str(__doc__).split("\n")[0])
    parser.add_argument("personas", nargs="*", metavar="PERSONA", choices=[*PERSONAS, []])
    parser.add_argument("--workspace", type=Path, help="a finished workspace of `whylead demo` or `whylead run`")
    asked = parser.parse_args()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        workspace = Workspace(asked.workspace or Path(temporary) / "workspace")
        if asked.workspace is None:
            broken += make(workspace)
        for name in asked.personas or PERSONAS:
            scratch = Path(temporary) / name
            scratch.mkdir()
            sys.stdout.write(f"\n# {name.replace('_', ' ').capitalize()}\n")
            hour = Hour(workspace, scratch)
            started = time.monotonic()
            PERSONAS[name](hour)
            sys.stdout.write(f"\n{name.replace('_', ' ').capitalize()}: {time.monotonic() - started:.0f} s\n")
            broken += hour.broken
    sys.stdout.write("\n" + "\n".join(["Promises not kept:", *broken] if broken else ["All promises kept."]) + "\n")
    sys.exit(bool(broken))


def make(workspace: Workspace) -> list[str]:
    """A small company, and everything that `whylead run` does with its export."""
    hour = Hour(workspace, workspace.root)
    hour.step("A small company's export becomes a model")
    source = str(workspace.source)
    hour.run("simulate", "--leads", "2500", "--seed", "5", "--out", source)
    hour.run(
        "run", "-m", "simulated", "-s", source, "-w", str(workspace.root), "--budget", "0", "--seed", "0", shown=30
    )
    return hour.broken


if __name__ == "__main__":
    main()
