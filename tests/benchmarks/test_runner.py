import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.answer import Answer, Effort, Spent
from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.contest import answer, write_answer
from benchmarks.quality.problem import Problem
from benchmarks.quality.runner import ContestError, NotStoredError, Runner, absent
from benchmarks.quality.store import Store, read
from tests.benchmarks.small_company import small_problem

BASE_RATE, EFFORT = CONTENDERS["base_rate"], Effort(0.0, 1)


def test_a_contest_gives_an_answer_to_each_problem(tmp_path: Path) -> None:
    problem, _ = small_problem()
    fewer = replace(problem, X_test=problem.X_test[:7])
    found = Runner(Store(tmp_path, resume=False)).solve("task", BASE_RATE, [problem, fewer], EFFORT)
    assert [len(each.answer.p) for each in found] == [len(problem.X_test), 7]
    assert found[0].answer.p == pytest.approx(problem.y_train.mean())


@pytest.mark.parametrize("resume", [True, False])
def test_an_answer_is_used_again_only_when_resuming(tmp_path: Path, resume: bool) -> None:
    problem, _ = small_problem()
    store = Store(tmp_path, resume)
    path = store.path("task", 0, BASE_RATE, problem, EFFORT)
    path.parent.mkdir()
    write_answer(path, Answer(np.full(len(problem.X_test), 0.123), {"from": "before"}), Spent(4.0, 6.0))
    (found,) = Runner(store).solve("task", BASE_RATE, [problem], EFFORT)
    assert (found.answer.facts == {"from": "before"}) == resume
    assert (found.answer.p[0] == 0.123) == resume


def test_where_nobody_may_run_only_what_is_stored_is_found(tmp_path: Path) -> None:
    problem, _ = small_problem()
    asked = Runner(Store(tmp_path, resume=True), runs=False)
    with pytest.raises(NotStoredError, match="base rate was not run on task"):
        asked.solve("task", BASE_RATE, [problem], EFFORT)
    (written,) = Runner(Store(tmp_path, resume=True)).solve("task", BASE_RATE, [problem], EFFORT)
    (found,) = asked.solve("task", BASE_RATE, [problem], EFFORT)
    assert np.array_equal(found.answer.p, written.answer.p)


def test_other_rows_budgets_and_threads_are_other_answers(tmp_path: Path) -> None:
    problem, _ = small_problem()
    store, tuned = Store(tmp_path, True), CONTENDERS["flaml"]
    path = store.path("task", 0, tuned, problem, Effort(10, 1))
    assert store.path("task", 0, tuned, problem, Effort(10, 1)) == path
    assert store.path("task", 0, tuned, problem, Effort(60, 1)) != path
    assert store.path("task", 0, tuned, problem, Effort(10, 2)) != path
    assert store.path("task", 0, tuned, replace(problem, y_train=1 - problem.y_train), Effort(10, 1)) != path


def test_a_contender_that_fails_says_why(tmp_path: Path) -> None:
    problem, _ = small_problem()
    broken = replace(problem, y_train=np.full(len(problem.y_train), np.nan))
    with pytest.raises(ContestError, match="NaN"):
        Runner(Store(tmp_path, True)).solve("task", CONTENDERS["lightgbm_small"], [broken], Effort(0.0, 1))
    assert not list(tmp_path.glob("**/*.npz"))


def test_a_contender_that_is_not_installed_says_so(tmp_path: Path) -> None:
    problem, _ = small_problem()
    unknown = replace(BASE_RATE, needs=("no_such_package",))
    assert "no_such_package is not installed" in absent(unknown)
    with pytest.raises(ContestError, match="no_such_package is not installed"):
        Runner(Store(tmp_path, True)).solve("task", unknown, [problem], EFFORT)


def test_what_are_no_probabilities_of_the_test_rows_is_refused() -> None:
    problem, _ = small_problem()
    for wrong in (np.full(3, 0.5), np.full(len(problem.X_test), 1.5), np.full(len(problem.X_test), np.nan)):
        with pytest.raises(ValueError, match="expected 100 probabilities"):
            answer(lambda problem, effort, wrong=wrong: Answer(wrong), problem, EFFORT)  # type: ignore[misc]


def test_an_answer_is_read_as_it_was_written(tmp_path: Path) -> None:
    p = np.array([0.1, 0.4])
    for given in (Answer(p, {"trees": 3}), Answer(p, {}, p / 2, p * 2)):
        write_answer(tmp_path / "answer.npz", given, Spent(1.5, 2.5))
        found = read(tmp_path / "answer.npz")
        assert found.spent == Spent(1.5, 2.5)
        assert found.answer.facts == given.facts
        for name in ("p", "low", "high"):
            stored, written = getattr(found.answer, name), getattr(given, name)
            assert np.array_equal(stored, written) if written is not None else stored is None


def test_what_the_processor_worked_is_told_apart_from_what_passed() -> None:
    problem, _ = small_problem()
    _, spent = answer(_slow, problem, EFFORT)
    assert spent.seconds > 0.2
    assert spent.worked < 0.15


def _slow(problem: Problem, effort: Effort) -> Answer:
    time.sleep(0.2)
    return Answer(np.full(len(problem.X_test), 0.5))
