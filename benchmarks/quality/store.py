"""What contenders answered, one file per cut, so that an interrupted run goes on where it was."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.answer import Answer, Effort, Spent
from benchmarks.quality.contenders import Contender
from benchmarks.quality.problem import Problem

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Solved:
    """A contender's answer to a cut, and what learning and predicting took."""

    answer: Answer
    spent: Spent


@dataclass(frozen=True)
class Store:
    """A directory of answers; ``resume`` says whether those that are there are used."""

    directory: Path
    resume: bool

    def path(self, task: str, number: int, contender: Contender, problem: Problem, effort: Effort) -> Path:
        """Where the answer is: its name tells the contender, its effort, and a digest of all that it depends on."""
        budget = f"-{effort.budget:g}s" if contender.budgeted else ""
        name = f"{contender.name}{budget}-{number:02d}-{_key(contender, problem, effort)}.npz"
        return self.directory / task / name

    def find(self, path: Path) -> Solved | None:
        """The answer, if there is one and it may be used."""
        if not (self.resume and path.exists()):
            return None
        return read(path)


def read(path: Path) -> Solved:
    """An answer as a contest wrote it."""
    with np.load(path, allow_pickle=False) as stored:
        ends = (stored["low"], stored["high"]) if "low" in stored else (None, None)
        answer = Answer(stored["p"], json.loads(str(stored["facts"])), *ends)
        return Solved(answer, Spent(*stored["spent"].tolist()))


def _key(contender: Contender, problem: Problem, effort: Effort) -> str:
    """The same rows, features and effort give the same key; for ours also the same code."""
    told: list[Any] = [problem.digest, contender.name, effort.threads, effort.seed]
    told.append(effort.budget if contender.budgeted else None)
    told.append(_our_code() if contender.kind == "ours" else None)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


@cache
def _our_code() -> str:
    """sha256 of the code that learns."""
    told = hashlib.sha256()
    for package in ("features", "models"):
        for path in sorted((REPOSITORY / package).glob("**/*.py")):
            told.update(path.read_bytes())
    return told.hexdigest()
