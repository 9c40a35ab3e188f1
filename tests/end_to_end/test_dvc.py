import ast
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
    learns_only_stumps(root / "models" / "learning" / "settings.py")
    project.set("simulate", leads=800)
    project.set("features", ages_days=[0, 7, 30])
    project.set("train", budget_seconds=0)
    project.set("evaluate", bootstrap=50)
    return project


def learns_only_stumps(settings: Path) -> None:
    """The least to learn that is a model: the stages count here."""
    text = settings.read_text()
    for kinds in ("default_trees", "default_variants"):
        assert text.count(f"default_factory={kinds})") == 1
    text = text.replace("default_factory=default_trees)", "default_factory=lambda: {'stumps': STUMPS})")
    settings.write_text(text.replace("default_factory=default_variants)", "default_factory=dict)"))


def test_repro_runs_every_stage_once_and_then_only_what_changed(project: Project) -> None:
    assert project.repro() == STAGES
    assert project.repro() == []
    assert "workspace/evaluation/metrics.json" in project.dvc("metrics", "show").replace(os.sep, "/")

    project.set("evaluate", bootstrap=60)
    assert project.repro() == ["evaluate", "explain"]

    project.set("features", ages_days=[0, 7])
    assert project.repro() == ["validate", "features", "train", "evaluate", "explain"]

    path = project.root / "pipelines" / "explanation" / "stage.py"
    path.write_text(path.read_text() + "\n# touched\n")
    assert project.repro() == ["explain"]


def imported(path: Path) -> set[Path]:
    """The modules of the project that a file imports, wherever in it."""
    tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = [Path(*name.split(".")) for name in names if name.split(".")[0] in FOLDERS]
    files = [file for each in paths for file in (each.with_suffix(".py"), each / "__init__.py")]
    return {file for file in files if (REPOSITORY / file).exists()}


def modules_of(stage: str) -> set[Path]:
    """The command of a stage and everything that it imports, on whatever way."""
    waiting, found = [Path("pipelines", "commands", f"{stage}_command.py")], set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported(path)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_folder_of_every_module_that_it_imports(stage: str) -> None:
    deps = [Path(dep) for dep in yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"][stage]["deps"]]
    code = [dep for dep in deps if dep.parts[0] in FOLDERS]
    missed = [path for path in sorted(modules_of(stage)) if not any(path.is_relative_to(folder) for folder in code)]
    assert missed == []
    assert all((REPOSITORY / dep).is_dir() for dep in code), "folders, not modules: a list of modules goes stale"


def test_touching_a_module_names_the_stages_that_import_it(project: Project) -> None:
    project.dvc("repro")
    before = set(yaml.safe_load(project.dvc("status", "--json")))
    assert before == set()
    for module in ("pipelines/tables/block_plan.py", "models/calibration/isotonic.py", "pipelines/pages/svg.py"):
        path = project.root / module
        original = path.read_text()
        path.write_text(original + "\n# touched\n")
        named = set(yaml.safe_load(project.dvc("status", "--json")))
        assert {stage for stage in STAGES if Path(module) in modules_of(stage)} <= named
        path.write_text(original)
