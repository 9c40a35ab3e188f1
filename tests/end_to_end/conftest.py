"""One finished run over a small simulated company, shared by the tests that look at what it left."""

import contextlib
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main
from pipelines.workspace.workspace import Workspace

LEADS, SEED = 2500, 5


@dataclass(frozen=True)
class FinishedRun:
    """The workspace of a run and the JSON object that ``run --json`` printed."""

    workspace: Workspace
    summary: dict[str, Any]

    @property
    def truth(self) -> Path:
        """The simulator's true probabilities."""
        return self.workspace.source / "truth" / "probabilities.parquet"


def whylead(*arguments: str) -> str:
    """Run the command line in this process; returns its stdout. Raises SystemExit where it ends in an error."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            main(list(arguments))
        except SystemExit as ended:
            if ended.code:
                raise
    return out.getvalue()


def run_arguments(workspace: Workspace) -> Sequence[str]:
    """The quickest run that does everything."""
    places = ["--source", str(workspace.source), "--workspace", str(workspace.root)]
    return ["run", "--mapping", "simulated", *places, "--budget", "0", "--seed", "0", "--json"]


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Simulate, then run everything once. Not to be changed by a test: see ``own_run``."""
    workspace = Workspace(tmp_path_factory.mktemp("finished"))
    whylead("simulate", "--leads", str(LEADS), "--seed", str(SEED), "--out", str(workspace.source))
    return FinishedRun(workspace, json.loads(whylead(*run_arguments(workspace))))


@pytest.fixture
def own_run(finished_run: FinishedRun, tmp_path: Path) -> FinishedRun:
    """A workspace of the test's own: tables, features and model of the finished run, and an empty registry."""
    workspace = Workspace(tmp_path / "own")
    for name in ("tables", "features", "model"):
        shutil.copytree(getattr(finished_run.workspace, name), workspace.root / name)
    return FinishedRun(workspace, finished_run.summary)
