"""The examples in docstrings run, and print what they say. Modules without an example are not imported for it."""

import ast
import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.test_packages import PACKAGES

PROMPT = re.compile(r"^\s*>>> (?!.*# doctest: \+SKIP)", re.MULTILINE)


def modules_with_examples() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            if examples_in(path.read_text(encoding="utf-8")):
                yield ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def examples_in(code: str) -> int:
    """How many prompts the docstrings of a module hold, those of compiled functions too, but for what is skipped."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(code)) if isinstance(node, documented)]
    return sum(len(PROMPT.findall(docstring)) for docstring in docstrings)


def run_examples(name: str) -> doctest.TestResults:
    return doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)


@pytest.mark.parametrize("name", sorted(modules_with_examples()))
def test_the_examples_of_a_module_print_what_they_say(name: str) -> None:
    results = run_examples(name)
    written = importlib.import_module(name).__file__
    assert written is not None
    assert results.failed == 0
    assert results.attempted == examples_in(Path(written).read_text(encoding="utf-8")), "an example was not found"


def test_an_example_that_prints_something_else_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = '"""Two examples.\n\n>>> 1 + 1\n2\n>>> 1 + 1\n3\n"""\n'
    (tmp_path / "wrong_example.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "wrong_example", raising=False)
    assert examples_in(code) == 2
    results = run_examples("wrong_example")
    assert (results.failed, results.attempted) == (1, 2)
