"""The kernels can be compiled ahead of time: all of them, where they will be looked for."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data_contracts.errors import FileError
from pipelines.cli import build_app
from pipelines.kernels import kernel_modules, kernels_of, load_kernels
from tests.conftest import REPOSITORY

PACKAGES = ("data_contracts", "features", "models", "pipelines", "serving")


def test_every_compiled_function_is_found() -> None:
    """numba is asked for machine code in one place, and whoever uses that place is a kernel module."""
    written = {
        path.relative_to(REPOSITORY): path.read_text("utf-8")
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
    }
    jits = [path for path, text in written.items() if re.search(r"numba\.(n?jit|vectorize|guvectorize)\b", text)]
    assert jits == [Path("features/signatures.py")]
    uses = [".".join(path.with_suffix("").parts) for path, text in written.items() if "\n@compiled(" in text]
    assert sorted(kernel_modules()) == sorted(uses)


@pytest.mark.parametrize("name", kernel_modules())
def test_each_kernel_is_compiled_by_its_import_and_kept(name: str) -> None:
    for kernel in kernels_of(importlib.import_module(name)):
        assert kernel.signatures, f"{kernel} has no signature: the first call would compile it"
        assert kernel.stats.cache_path, f"{kernel} is not kept: each process would compile it"


def test_loading_says_of_each_module_where_its_machine_code_is() -> None:
    modules = load_kernels()
    assert [module.name for module in modules] == kernel_modules()
    assert all(module.kernels > 0 and Path(module.cache).is_dir() for module in modules)


CALLEE = """
import numba
@numba.njit("int64(int64)", cache=True)
def answer(x):
    return {}
"""
CALLER = """
import numba, callee
@numba.njit("int64(int64)", cache=True)
def ask(x):
    return callee.answer(x)
"""
PROGRAM = """
from pipelines import kernels
kernels.kernel_modules = lambda: ["caller", "callee"]
compiled = [module.compiled for module in kernels.load_kernels(force={})]
import caller
print(sorted(compiled), caller.ask(1))
"""


def loaded(directory: Path, *, force: bool = False) -> str:
    """How many kernels of the callee and of the caller a new process compiles, and what the caller answers."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(force)],
        env=os.environ | {"NUMBA_CACHE_DIR": str(directory / "cache"), "PYTHONPATH": str(directory)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def test_what_was_compiled_is_warm_and_only_force_sees_what_a_callee_became(tmp_path: Path) -> None:
    (tmp_path / "callee.py").write_text(CALLEE.format("x + 1"))
    (tmp_path / "caller.py").write_text(CALLER)
    assert loaded(tmp_path) == "[1, 1] 2"
    assert loaded(tmp_path) == "[0, 0] 2"
    (tmp_path / "callee.py").write_text(CALLEE.format("x + 41"))
    assert loaded(tmp_path) == "[0, 1] 2"
    assert loaded(tmp_path, force=True) == "[1, 1] 42"
    assert loaded(tmp_path) == "[0, 0] 42"


def test_a_cache_that_cannot_be_written_says_which_variable_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("cannot cache function 'f': no locator available")

    monkeypatch.setattr("pipelines.kernels.importlib.import_module", fail)
    with pytest.raises(FileError, match=r"nowhere to keep the compiled kernels of .*: cannot cache") as caught:
        load_kernels()
    assert "NUMBA_CACHE_DIR" in caught.value.hint


def test_the_command_says_where_the_kernels_are_kept() -> None:
    result = CliRunner().invoke(build_app(), ["compile"], catch_exceptions=False)
    assert result.exit_code == 0
    for module in load_kernels():
        assert module.name in result.stdout
        assert module.cache in result.stdout


def test_forcing_compiles_all_kernels_of_a_warm_cache(tmp_path: Path) -> None:
    """Kernels hand each other named tuples, whose classes a reload in one process would double: as these two do."""
    program = """
from pipelines import cli, kernels
kernels.kernel_modules = lambda: ["models.trees.shap.flat_trees", "models.trees.shap.bins"]
cli.main()
"""
    command = [sys.executable, "-c", program, "compile", "--json"]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    for force in ([], ["--force"]):
        ran = subprocess.run([*command, *force], env=environment, cwd=REPOSITORY, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        modules = json.loads(ran.stdout)
        assert len(modules) == 2
        assert all(module["compiled"] == module["kernels"] > 0 for module in modules)
