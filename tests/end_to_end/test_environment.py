"""What surrounds a command changes nothing that it makes; where a disk is full, it says so and leaves nothing."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from data_contracts.threads import THREADS_VARIABLE
from pipelines.workspace.workspace import Workspace
from tests.end_to_end.conftest import whylead

pytestmark = pytest.mark.slow

HERE = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8", THREADS_VARIABLE: "1"}
ELSEWHERE = {"PYTHONHASHSEED": "2", "TZ": "Asia/Kolkata", "LC_ALL": "POSIX", THREADS_VARIABLE: "2"}
# The default learner's settings would only take longer here.
PROGRAM = """
import sys
from functools import partial
from models.learning.settings import STUMPS, LearnerSettings
from pipelines.cli import main
from pipelines.training import stage
stage.LearnerSettings = partial(LearnerSettings, trees={"stumps": STUMPS}, variants={})
imported = ["import", "--mapping", "simulated", "--source", sys.argv[1]]
for command in (imported, ["features"], ["train", "--budget", "0"]):
    try:
        main([*command, "--workspace", sys.argv[2]])
    except SystemExit as ended:
        if ended.code:
            raise
"""
SMALL_FILES = 2_000  # bytes: less than a command writes


def python(
    *arguments: str, environment: Mapping[str, str] | None = None, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | dict(environment or {}),
        preexec_fn=before,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("company") / "source"
    whylead("simulate", "--leads", "300", "--seed", "3", "--out", str(source))
    return source


@pytest.fixture(scope="module")
def made(source: Path) -> Workspace:
    return make(source, HERE)


def make(source: Path, environment: Mapping[str, str]) -> Workspace:
    workspace = Workspace(source.parent / environment["PYTHONHASHSEED"])
    done = python("-c", PROGRAM, str(source), str(workspace.root), environment=environment)
    assert done.returncode == 0, done.stderr
    return workspace


def files(workspace: Workspace) -> dict[str, bytes]:
    """Everything made but what tells the time: the card, and the manifest, which names its digest."""
    roots = [workspace.tables, workspace.features, workspace.model]
    paths = [path for root in roots for path in root.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(workspace.root)): path.read_bytes()
        for path in paths
        if path.name not in ("card.md", "manifest.json")
    }


def facts(workspace: Workspace) -> dict[str, Any]:
    """Those of the manifest but times."""
    found: dict[str, Any] = json.loads((workspace.model / "manifest.json").read_text("utf-8"))["facts"]
    del found["learning"]["seconds"], found["cost of serving"]["microseconds_per_lead"]
    return found


def test_nothing_that_is_made_depends_on_what_surrounds_it(source: Path, made: Workspace) -> None:
    other = make(source, ELSEWHERE)
    assert len(files(made)) > 10
    assert files(other) == files(made)
    assert facts(other) == facts(made)


@pytest.mark.parametrize("command", ["import", "features", "score"])
def test_where_the_disk_is_full_a_command_says_so_and_leaves_what_was(
    command: str, source: Path, made: Workspace, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "w")
    shutil.copytree(made.root, workspace.root)
    before = files(workspace)
    options = {
        "import": ["--mapping", "simulated", "--source", str(source)],
        "score": ["--model", str(workspace.model), "--out", str(tmp_path / "s.csv")],
    }
    arguments = [command, *options.get(command, []), "--workspace", str(workspace.root)]
    done = python(
        "-c", "import sys; from pipelines.cli import main; main(sys.argv[1:])", *arguments,
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILES, SMALL_FILES)),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "the disk not full?" in done.stderr
    assert "Traceback" not in done.stderr
    assert files(workspace) == before
    assert not (tmp_path / "s.csv").exists()
