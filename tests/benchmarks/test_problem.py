from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from benchmarks.quality.problem import Problem
from tests.benchmarks.small_company import small_problem


def test_a_problem_is_read_as_it_was_written(tmp_path: Path) -> None:
    problem, _ = small_problem()
    problem.save(tmp_path / "problem.npz")
    found = Problem.load(tmp_path / "problem.npz")
    assert found.features == problem.features
    assert found.ordered == problem.ordered
    assert found.digest == problem.digest
    assert np.array_equal(found.X_test, problem.X_test, equal_nan=True)


def test_the_outcomes_of_test_rows_are_not_told() -> None:
    assert "y_test" not in {each.name for each in fields(Problem)}


def test_the_digest_does_not_depend_on_what_features_are_called_for_people() -> None:
    problem, _ = small_problem()
    said = tuple(replace(each, meaning="something else", phrase="other") for each in problem.features)
    renamed = tuple(replace(each, name=f"other {each.name}") for each in problem.features)
    assert replace(problem, features=said).digest == problem.digest
    assert replace(problem, features=renamed).digest != problem.digest


def test_the_digest_tells_one_changed_number() -> None:
    problem, _ = small_problem()
    changed = problem.X_test.copy()
    changed[3, 0] += 1e-9
    assert replace(problem, X_test=changed).digest != problem.digest
    assert replace(problem, ordered=False).digest != problem.digest
