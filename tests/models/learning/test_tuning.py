import re
import time
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from features.arrays import Floats
from models.learning import tuning as tuning_module
from models.learning.candidates import Candidate, LinearModel, chosen_trees, linear_model, staged_folds, tree_candidate
from models.learning.tuning import Budget, tune_trees
from models.samples.folds import Fold, held_out_rows
from models.samples.sample import Sample
from models.trees.training import ENCODINGS, TreeParameters
from tests.models.problems import DEFAULTS, NUMBERS, number, problem, stored_parameters

START = TreeParameters(leaves=7)
SAMPLE = problem(700).sample(ordered=True)
FOLDS = SAMPLE.folds()
LINEAR = linear_model(SAMPLE, FOLDS, DEFAULTS.C)
FIRST = tree_candidate("first", SAMPLE, FOLDS, TreeParameters(leaves=7, trees=400))
MANY = 24  # trials, of which some are left early


class Tuning(NamedTuple):
    candidates: list[Candidate]
    trials: int


class Watched(NamedTuple):
    """What tuning gave and told, the candidates that its trials found, by the number of the trial, and what it grew."""

    tuning: Tuning
    told: list[tuple[str, float]]
    found: dict[int, Candidate]
    trained: list[tuple[Sequence[Fold], TreeParameters]]


def watch(budget: Budget) -> Watched:
    told: list[tuple[str, float]] = []
    found: dict[int, Candidate] = {}
    trained: list[tuple[Sequence[Fold], TreeParameters]] = []

    def keep(name: str, *rest: object) -> Candidate:
        candidate = chosen_trees(name, *rest)  # type: ignore[arg-type]
        found[int(name.removeprefix("tuned trees "))] = candidate
        return candidate

    def train_trees(
        sample: Sample, folds: Sequence[Fold], parameters: TreeParameters, linear: LinearModel | None
    ) -> list[Floats]:
        trained.append((folds, parameters))
        return staged_folds(sample, folds, parameters, linear)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning_module, "chosen_trees", keep)
        patch.setattr(tuning_module, "staged_folds", train_trees)
        tuning = Tuning(*tune_trees(SAMPLE, FOLDS, budget, START, lambda *each: told.append(each), LINEAR))
    return Watched(tuning, told, found, trained)


@pytest.fixture(scope="module")
def tuned() -> Watched:
    return watch(Budget(0.0, MANY))


def tune(trials: int, sample: Sample = SAMPLE, seconds: float = 0.0) -> Tuning:
    return Tuning(*tune_trees(sample, FOLDS, Budget(seconds, trials), START, lambda *_: None))


def loss(margins: Floats) -> float:
    rows = held_out_rows(FOLDS)
    return float(np.average(np.logaddexp(0, margins) - SAMPLE.y[rows] * margins, weights=SAMPLE.weight[rows]))


def told_losses(told: list[tuple[str, float]]) -> list[float | None]:
    found = (re.search(r", log loss (\d\.\d{4}) so far$", message) for message, _ in told)
    return [float(each[1]) if each else None for each in found]


def test_the_first_trial_is_what_tuning_starts_from() -> None:
    tuning = tune(1)
    assert tuning.trials == 1
    (candidate,) = tuning.candidates
    assert candidate.settings == FIRST.settings
    np.testing.assert_allclose(candidate.margins, FIRST.margins, atol=1e-12)


def test_all_trials_are_made_and_counted_whether_they_are_left_early_or_not(tuned: Watched) -> None:
    assert tuned.tuning.trials == len(tuned.told) == MANY
    assert 3 < len(tuned.found) < MANY
    for trial, (message, _) in enumerate(tuned.told):
        assert message.startswith(f"tuning, trial {trial + 1}")


def test_the_share_is_that_of_the_trials(tuned: Watched) -> None:
    assert [share for _, share in tuned.told] == pytest.approx(np.arange(MANY) / MANY)


def test_the_least_log_loss_so_far_is_told(tuned: Watched) -> None:
    told = told_losses(tuned.told)
    assert told[0] is None
    for trial in range(1, MANY):
        before = [loss(candidate.margins) for number, candidate in tuned.found.items() if number < trial]
        assert told[trial] == pytest.approx(min(before), abs=5.1e-5)
    assert told[-1] < told[1]  # type: ignore[operator]


def test_the_three_best_are_kept_the_best_first(tuned: Watched) -> None:
    losses = {number: loss(candidate.margins) for number, candidate in tuned.found.items()}
    best = sorted(losses, key=lambda number: losses[number])[:3]
    assert [candidate.name for candidate in tuned.tuning.candidates] == [f"tuned trees {number}" for number in best]
    assert losses[best[0]] <= loss(FIRST.margins) + 1e-12
    for candidate in tuned.tuning.candidates:
        assert candidate.margins.shape == held_out_rows(FOLDS).shape
        assert 25 <= candidate.settings["trees"] <= 400


def test_a_candidate_is_what_its_settings_say(tuned: Watched) -> None:
    for candidate in tuned.tuning.candidates:
        parameters = replace(stored_parameters(candidate.settings), trees=400)
        again = tree_candidate(candidate.name, SAMPLE, FOLDS, parameters, LINEAR)
        assert again.settings == candidate.settings
        np.testing.assert_allclose(candidate.margins, again.margins, atol=1e-12)


def test_kinds_of_trees_are_tried(tuned: Watched) -> None:
    kinds = [parameters for _, parameters in tuned.trained]
    assert {parameters.encoding for parameters in kinds} == set(ENCODINGS)
    assert {parameters.offset for parameters in kinds} == {False, True}
    assert len({parameters.leaves for parameters in kinds}) > 5
    assert not any(candidate.settings["backbone"] for candidate in tune(12).candidates)  # there is no line


def test_without_categories_there_is_no_encoding_to_try() -> None:
    features = tuple(number(f"number {k}") for k in range(NUMBERS))
    lines = replace(SAMPLE, X=np.ascontiguousarray(SAMPLE.X[:, :NUMBERS]), features=features)
    assert {candidate.settings["encoding"] for candidate in tune(12, lines).candidates} == {"native"}


def test_the_same_trials_find_the_same_whatever_the_seconds() -> None:
    one, two = (tune(10, seconds=seconds) for seconds in (0.0, 600.0))
    assert one.trials == two.trials == 10
    for first, second in zip(one.candidates, two.candidates, strict=True):
        assert (first.name, first.settings) == (second.name, second.settings)
        assert first.margins.tobytes() == second.margins.tobytes()


def test_another_seed_tries_other_settings() -> None:
    one, two = (tune(3, replace(SAMPLE, seed=seed)).candidates for seed in (0, 1))
    settings = [{str(each.settings["rate"]) for each in found} - {"0.05"} for found in (one, two)]
    assert settings[0]
    assert not settings[0] & settings[1]


def test_the_clock_does_not_count_where_trials_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> float:
        raise AssertionError("the clock is read")

    budgets = [Budget(seconds, 2) for seconds in (0.0, 1e-9, 600.0)]
    monkeypatch.setattr(tuning_module, "time", SimpleNamespace(monotonic=refuse))
    for budget in budgets:
        assert budget.spent == 0.0
        assert budget.tunes
        assert tune_trees(SAMPLE, FOLDS, budget, START, lambda *_: None)[1] == 2


@pytest.mark.parametrize("budget", [Budget(60.0, 0), Budget(0.0, 0), Budget(0.0), Budget(-1.0)])
def test_no_trials_and_no_seconds_tune_nothing(budget: Budget) -> None:
    assert not budget.tunes
    assert budget.spent == 0.0


@pytest.mark.parametrize(("passed", "tunes"), [(0.0, True), (50.0, True), (95.0, False), (1e6, False)])
def test_what_has_passed_is_taken_off_the_budget(passed: float, tunes: bool) -> None:
    budget = Budget(100.0, started=time.monotonic() - passed)
    assert budget.spent == pytest.approx(passed / 100, abs=0.05)
    assert budget.tunes is tunes


def test_within_seconds_the_share_rises_and_no_trial_begins_after_them() -> None:
    tune(1)  # Optuna's import counts too
    watched = watch(Budget(2.0))
    shares = [share for _, share in watched.told]
    assert len(shares) == watched.tuning.trials > 1
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


def test_a_budget_that_is_spent_already_tries_nothing() -> None:
    watched = watch(Budget(5.0, started=time.monotonic() - 10))
    assert watched.tuning == Tuning([], 0)
    assert watched.told == []


def test_a_trial_that_is_left_early_has_seen_the_newest_folds(tuned: Watched) -> None:
    newest = [parameters for folds, parameters in tuned.trained if folds[-1] is FOLDS[-1]]
    oldest = [parameters for folds, parameters in tuned.trained if folds[0] is FOLDS[0]]
    assert (len(newest), len(oldest)) == (MANY, len(tuned.found))
    assert len(tuned.trained) == len(newest) + len(oldest)


def test_a_candidate_can_be_grown_again_on_all_rows(tuned: Watched) -> None:
    for candidate in tuned.tuning.candidates:
        fitted = candidate.fit(SAMPLE, 2)
        assert fitted.trees is not None
        assert np.isfinite(fitted.trees.margin(SAMPLE.X)).all()
        assert (fitted.linear is not None) is candidate.settings["backbone"]
