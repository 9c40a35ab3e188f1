"""Contenders in processes of their own: one that fails or runs wild harms no other, and threads are those asked for."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.quality.answer import Effort
from benchmarks.quality.contenders import Contender
from benchmarks.quality.problem import Problem
from benchmarks.quality.store import REPOSITORY, Solved, Store, read

PEERS_PYTHON = REPOSITORY / ".venv-peers" / "bin" / "python"
PATIENCE = 3600  # seconds for what has no budget, or on top of twenty budgets
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT")


class ContestError(Exception):
    """A contender gave no answer; the text says why."""


class NotStoredError(ContestError):
    """No answer is stored, and nobody may run."""


@dataclass(frozen=True)
class Runner:
    """Lets contenders answer the cuts of tasks, or finds what they answered; ``runs`` is False where nobody may run."""

    store: Store
    runs: bool = True

    def solve(self, task: str, contender: Contender, problems: Sequence[Problem], effort: Effort) -> list[Solved]:
        """The answers to the problems of a task. Raises ContestError where there are none."""
        paths = [self.store.path(task, each, contender, problem, effort) for each, problem in enumerate(problems)]
        found = {path: self.store.find(path) for path in paths}
        asked = {path: problem for path, problem in zip(paths, problems, strict=True) if found[path] is None}
        if asked and not self.runs:
            raise NotStoredError(f"{contender.label} was not run on {task}")
        if asked:
            (self.store.directory / task).mkdir(parents=True, exist_ok=True)
            _contest(contender, asked, effort)
        return [found[path] or read(path) for path in paths]


def absent(contender: Contender) -> str:
    """Why a contender cannot take part here; empty if it can."""
    missing = _missing(_python(contender), contender.needs)
    return f"{missing} is not installed: run `make .venv-peers/.installed`" if missing else ""


def _python(contender: Contender) -> Path:
    """Peers run in their own environment; where it was not made, in this one."""
    return PEERS_PYTHON if contender.kind == "peer" and PEERS_PYTHON.exists() else Path(sys.executable)


@cache
def _missing(python: Path, modules: tuple[str, ...]) -> str:
    """The first of the packages that the interpreter does not have."""
    packages = [module.split(".")[0] for module in modules]
    code = "import sys, importlib.util as i; print(next((n for n in sys.argv[1:] if not i.find_spec(n)), ''))"
    told = subprocess.run([python, "-c", code, *packages], check=True, capture_output=True, text=True, cwd=REPOSITORY)
    return told.stdout.strip()


def _contest(contender: Contender, asked: dict[Path, Problem], effort: Effort) -> None:
    """Have the answers to problems written, each to its path as soon as it is there."""
    reason = absent(contender)
    if reason:
        raise ContestError(reason)
    with TemporaryDirectory() as directory:
        problems = [Path(directory) / f"problem-{number}.npz" for number in range(len(asked))]
        for path, problem in zip(problems, asked.values(), strict=True):
            problem.save(path)
        command = [
            _python(contender), "-m", "benchmarks.quality.contest", contender.name,
            "--budget", str(effort.budget), "--threads", str(effort.threads), "--seed", str(effort.seed),
            "--problems", *problems, "--answers", *(path.resolve() for path in asked),
        ]  # fmt: skip
        _run([str(each) for each in command], directory, effort, (PATIENCE + 20 * effort.budget) * len(asked))


def _run(command: list[str], directory: str, effort: Effort, patience: float) -> None:
    """Started elsewhere, so that what peers leave in their directory goes with it."""
    threads = dict.fromkeys(_THREADS, str(effort.threads))
    surroundings = os.environ | threads | {"PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0"}
    with (Path(directory) / "told.txt").open("w+b") as told:
        try:
            code = subprocess.run(
                command, check=False, stdout=told, stderr=told, cwd=directory, env=surroundings, timeout=patience
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise ContestError(f"gave no answer in {patience:.0f} s") from error
        told.seek(0)
        lines = told.read().decode(errors="replace").strip().splitlines()
    if code:
        raise ContestError(lines[-1][:300] if lines else f"ended with {code}")
