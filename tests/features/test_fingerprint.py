import ast
from pathlib import Path

from features.fingerprint import computing_modules, fingerprint
from tests.conftest import REPOSITORY

# What the view uses that makes no number: it names what is computed, or chooses columns while a model is trained.
OTHERS = {Path("features/fingerprint.py"), Path("features/selection.py")}


def imported(path: Path) -> set[Path]:
    """The modules of features/ that a file imports."""
    tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names += [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    files = {Path(*name.split(".")).with_suffix(".py") for name in names if name.startswith("features.")}
    return {file for file in files if (REPOSITORY / file).exists()}


def test_the_fingerprint_covers_whatever_features_are_computed_with() -> None:
    waiting = [Path("features/view.py"), Path("features/live.py"), Path("features/records/grouping.py")]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in seen | OTHERS:
            seen.add(path)
            waiting += imported(path)
    assert seen <= {path.relative_to(REPOSITORY) for path in computing_modules()}


def test_definitions_decide() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
