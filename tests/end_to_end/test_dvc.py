import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY

pytestmark = pytest.mark.slow

FOLDERS = ("data_contracts", "features", "models", "pipelines", "serving")
FILES = ("dvc.yaml", "params.yaml", ".dvcignore", "pyproject.toml")
STAGES = ["simulate", "import", "validate", "features", "train", "evaluate", "explain"]


class Project:
    """A copy of the project that the test may change, with DVC set up and no git."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def dvc(self, *arguments: str) -> str:
        """Run DVC there; the stages find `whylead` beside the running Python, and the copy's packages first."""
        places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": places, "PYTHONPATH": str(self.root), "DVC_NO_ANALYTICS": "1"}
        command = [sys.executable, "-m", "dvc", *arguments]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def repro(self) -> list[str]:
        """Reproduce; returns the stages that ran."""
        told = self.dvc("repro")
        return [line.split("'")[1] for line in told.splitlines() if line.startswith("Running stage")]

    def set(self, section: str, **values: object) -> None:
        """Change params.yaml."""
        path = self.root / "params.yaml"
        params = yaml.safe_load(path.read_text())
        params[section] |= values
        path.write_text(yaml.safe_dump(params))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    for folder in FOLDERS:
        shutil.copytree(REPOSITORY / folder, root / folder)
    for file in FILES:
        shutil.copy(REPOSITORY / file, root / file)
    project = Project(root)
    project.dvc("init", "--no-scm", "--quiet")
    project.set("simulate", leads=1500)
    project.set("train", budget_seconds=0)
    project.set("evaluate", bootstrap=50)
    return project


def test_repro_runs_every_stage_once_and_then_only_what_changed(project: Project) -> None:
    assert project.repro() == STAGES
    assert project.repro() == []
    assert "workspace/evaluation/metrics.json" in project.dvc("metrics", "show").replace(os.sep, "/")

    project.set("evaluate", bootstrap=60)
    assert project.repro() == ["evaluate"]

    project.set("features", ages_days=[0, 7])
    assert project.repro() == ["features", "train", "evaluate", "explain"]

    path = project.root / "pipelines" / "explaining.py"
    path.write_text(path.read_text() + "\n# touched\n")
    assert project.repro() == ["explain"]
