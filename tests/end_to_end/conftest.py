"""One finished run over a small simulated company, shared by the tests that look at what it left."""

import contextlib
import io
import json
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pipelines.cli import main
from pipelines.workspace.workspace import Workspace

LEADS, SEED = 2500, 5
HERE = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class FinishedRun:
    """The workspace of a run, the JSON object that ``run --json`` printed, and which other machines it asked for."""

    workspace: Workspace
    summary: dict[str, Any]
    asked_for: list[str]

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


@contextlib.contextmanager
def without_network() -> Iterator[list[str]]:
    """No other machine can be found or reached from Python; yields the names and addresses that were asked for."""
    asked_for: list[str] = []
    connect = socket.socket.connect

    def refuse(host: object, *_: object, **__: object) -> NoReturn:
        asked_for.append(str(host))
        raise OSError(f"no network: {host}")

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in HERE:
            refuse(address)
        connect(self, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", refuse)
        patched.setattr(socket.socket, "connect", connect_here)
        patched.setattr(socket.socket, "connect_ex", connect_here)
        yield asked_for


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Simulate, then run everything once. Not to be changed by a test: see ``own_run``."""
    workspace = Workspace(tmp_path_factory.mktemp("finished"))
    whylead("simulate", "--leads", str(LEADS), "--seed", str(SEED), "--out", str(workspace.source))
    with without_network() as asked_for:
        return FinishedRun(workspace, json.loads(whylead(*run_arguments(workspace))), asked_for)


@pytest.fixture
def own_run(finished_run: FinishedRun, tmp_path: Path) -> FinishedRun:
    """A workspace of the test's own: tables, features and model of the finished run, and an empty registry."""
    workspace = Workspace(tmp_path / "own")
    for name in ("tables", "features", "model"):
        shutil.copytree(getattr(finished_run.workspace, name), workspace.root / name)
    return FinishedRun(workspace, finished_run.summary, [])
