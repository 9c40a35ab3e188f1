import ast
from pathlib import Path

import nbclient
import nbformat
import pytest

from tests.conftest import REPOSITORY
from tests.test_packages import PACKAGES

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["01_first_model", "02_bring_your_own_crm"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYLEAD_NOTEBOOK_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("WHYLEAD_NOTEBOOK_LEADS", "1200")
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert all(cell.get("execution_count") for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_imports_of_ours_only_what_is_public(path: Path) -> None:
    assert private_imports(code_of(path)) == set()


def test_an_import_that_is_not_public_is_noticed() -> None:
    code = "import whylead\nimport pandas as pd\nfrom pipelines.workspace.params import Params\nimport models.scorer"
    assert private_imports(code) == {"pipelines.workspace.params", "models.scorer"}


def code_of(path: Path) -> str:
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")


def private_imports(code: str) -> set[str]:
    """The modules of ours, other than `whylead` itself, that the code imports."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            named.add(node.module or "")
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
    return {name for name in named if name.partition(".")[0] in PACKAGES} - {"whylead"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
