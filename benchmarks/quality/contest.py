"""One contender on the problems of a task, in a process and perhaps an environment of its own: ``python -m`` this."""

import argparse
import importlib
import json
import random
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.quality.answer import Answer, Effort, Spent
from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.problem import Problem

Solver = Callable[[Problem, Effort], Answer]


def solver(name: str) -> Solver:
    """A contender's function, all that it needs imported."""
    contender = CONTENDERS[name]
    module, function = contender.function.split(":")
    for needed in contender.needs:
        importlib.import_module(needed)
    found: Solver = getattr(importlib.import_module(f"benchmarks.quality.{module}"), function)
    return found


def answer(solve: Solver, problem: Problem, effort: Effort) -> tuple[Answer, Spent]:
    """A contender's answer, and what learning and predicting took.

    Raises ValueError where what it gives are no probabilities of the test rows.
    """
    random.seed(effort.seed)
    np.random.seed(effort.seed)  # noqa: NPY002 - what peers draw from must not depend on the problem before
    started, worked = time.perf_counter(), _processor_seconds()
    found = solve(problem, effort)
    spent = Spent(time.perf_counter() - started, _processor_seconds() - worked)
    p = np.asarray(found.p, dtype=np.float64)
    if p.shape != (len(problem.X_test),) or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"found {p.shape} values, expected {len(problem.X_test)} probabilities")
    return replace(found, p=p), spent


def write_answer(path: Path, found: Answer, spent: Spent) -> None:
    """What ``store.read`` reads; beside it first, so that an interrupted run leaves no half of a file."""
    beside = path.with_suffix(".part.npz")
    told = {"facts": np.array(json.dumps(found.facts, default=str)), "spent": np.array([spent.seconds, spent.worked])}
    ends = {} if found.low is None or found.high is None else {"low": found.low, "high": found.high}
    np.savez(beside, allow_pickle=False, p=found.p, **told, **ends)
    beside.replace(path)


def _processor_seconds() -> float:
    """Of this process and of those that it has waited for, in all threads."""
    return sum(sum(resource.getrusage(whose)[:2]) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> None:
    """Read problems, write an answer to each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("contender", choices=sorted(CONTENDERS))
    parser.add_argument("--budget", type=float, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--problems", type=Path, nargs="+", required=True)
    parser.add_argument("--answers", type=Path, nargs="+", required=True)
    given = parser.parse_args()
    solve, effort = solver(given.contender), Effort(given.budget, given.threads, given.seed)
    for problem, out in zip(given.problems, given.answers, strict=True):
        write_answer(out, *answer(solve, Problem.load(problem), effort))


if __name__ == "__main__":
    main()
