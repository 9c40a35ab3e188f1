import re
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from data_contracts.threads import usable_threads
from features.arrays import Floats
from models.learning import budget as budget_module
from models.learning import tuning as tuning_module
from models.learning.budget import Budget
from models.learning.candidates import Candidate, linear_model, tree_candidate
from models.learning.growth import FoldedSample, Grown, Growth
from models.learning.tuning import tune_trees
from models.samples.folds import held_out_rows
from models.samples.sample import Sample
from models.trees.training import ENCODINGS, TreeParameters
from tests.models.problems import DEFAULTS, NUMBERS, number, problem, stored_parameters

START = TreeParameters(leaves=7)
SAMPLE = problem(700).sample(ordered=True)
FOLDS = SAMPLE.folds()
LINEAR = linear_model(SAMPLE, FOLDS, DEFAULTS.C)
FOLDED = FoldedSample(SAMPLE, FOLDS, LINEAR.terms)
MANY = 24  # trials, of which some are left early


class Tuning(NamedTuple):
    candidates: list[Candidate]
    trials: int


class Watched(NamedTuple):
    """What tuning gave and told, and for each trial its settings and its log loss, None where it was left early."""

    tuning: Tuning
    told: list[tuple[str, float]]
    tried: list[tuple[TreeParameters, float | None]]


def watch(budget: Budget) -> Watched:
    told: list[tuple[str, float]] = []
    tried: list[tuple[TreeParameters, float | None]] = []

    class WatchedGrowth(Growth):
        def probe(self, rival: Floats | None = None) -> Grown | None:
            grown = super().probe(rival)
            tried.append((self.parameters, grown.loss if grown else None))
            return grown

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning_module, "Growth", WatchedGrowth)
        tuning = Tuning(*tune_trees(FOLDED, budget, START, lambda *each: told.append(each), LINEAR))
    return Watched(tuning, told, tried)


@pytest.fixture(scope="module")
def tuned() -> Watched:
    return watch(Budget(0.0, MANY))


def tune(trials: int, sample: Sample = SAMPLE, seconds: float = 0.0) -> Tuning:
    return Tuning(*tune_trees(FoldedSample(sample, FOLDS), Budget(seconds, trials), START, lambda *_: None))


def trials_told(told: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [each for each in told if each[0].startswith("tuning, trial ")]


def told_losses(told: list[tuple[str, float]]) -> list[float | None]:
    found = (re.search(r", log loss (\d\.\d{4}) so far$", message) for message, _ in trials_told(told))
    return [float(each[1]) if each else None for each in found]


def test_the_first_trial_is_what_tuning_starts_from_and_is_confirmed_at_half_its_rate() -> None:
    watched = watch(Budget(0.0, 1))
    assert [parameters for parameters, _ in watched.tried] == [START]
    (candidate,) = watched.tuning.candidates
    slower = tree_candidate("slower", FOLDED, replace(START, rate=START.rate / 2), LINEAR)
    assert slower is not None
    assert candidate.settings == slower.settings
    np.testing.assert_array_equal(candidate.margins, slower.margins)


def test_all_trials_are_made_and_counted_whether_they_are_left_early_or_not(tuned: Watched) -> None:
    assert tuned.tuning.trials == len(trials_told(tuned.told)) == len(tuned.tried) == MANY
    assert any(loss is None for _, loss in tuned.tried)
    for trial, (message, _) in enumerate(trials_told(tuned.told)):
        assert message.startswith(f"tuning, trial {trial + 1}")


def test_the_share_is_that_of_the_trials(tuned: Watched) -> None:
    assert [share for _, share in trials_told(tuned.told)] == pytest.approx(np.arange(MANY) / MANY)


def test_the_least_log_loss_so_far_is_told(tuned: Watched) -> None:
    told = told_losses(tuned.told)
    assert told[0] is None
    for trial in range(1, MANY):
        before = [loss for _, loss in tuned.tried[:trial] if loss is not None]
        assert told[trial] == pytest.approx(min(before), abs=5.1e-5)


def test_the_three_best_are_confirmed_on_all_folds_the_best_first(tuned: Watched) -> None:
    losses = {parameters: loss for parameters, loss in tuned.tried if loss is not None}
    best = sorted(losses, key=lambda parameters: losses[parameters])[:3]
    assert [candidate.name for candidate in tuned.tuning.candidates] == [f"tuned trees {place}" for place in (1, 2, 3)]
    for parameters, candidate in zip(best, tuned.tuning.candidates, strict=True):
        trees = candidate.settings["trees"]
        assert candidate.settings == replace(parameters, rate=min(parameters.rate / 2, 0.04), trees=trees).to_dict()
        assert candidate.margins.shape == held_out_rows(FOLDS).shape


def test_a_candidate_is_what_its_settings_say(tuned: Watched) -> None:
    for candidate in tuned.tuning.candidates:
        parameters = replace(stored_parameters(candidate.settings), trees=START.trees)
        again = tree_candidate(candidate.name, FOLDED, parameters, LINEAR)
        assert again is not None
        assert again.settings == candidate.settings
        np.testing.assert_allclose(candidate.margins, again.margins, atol=1e-12)


def test_kinds_of_trees_are_tried(tuned: Watched) -> None:
    kinds = [parameters for parameters, _ in tuned.tried]
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
    settings = [{str(each.settings["rate"]) for each in found} - {"0.025"} for found in (one, two)]
    assert settings[0]
    assert not settings[0] & settings[1]


def test_the_clock_does_not_count_where_trials_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> float:
        raise AssertionError("the clock is read")

    budgets = [Budget(seconds, 2) for seconds in (0.0, 1e-9, 600.0)]
    monkeypatch.setattr(budget_module, "time", SimpleNamespace(process_time=refuse))
    for budget in budgets:
        assert budget.spent == 0.0
        assert budget.tunes
        assert tune_trees(FOLDED, budget, START, lambda *_: None)[1] == 2


@pytest.mark.parametrize("budget", [Budget(60.0, 0), Budget(0.0, 0), Budget(0.0), Budget(-1.0)])
def test_no_trials_and_no_seconds_tune_nothing(budget: Budget) -> None:
    assert not budget.tunes
    assert budget.spent == 0.0


@pytest.mark.parametrize(("passed", "tunes"), [(0.0, True), (50.0, True), (95.0, False), (1e6, False)])
def test_what_has_passed_is_taken_off_the_budget(passed: float, tunes: bool) -> None:
    budget = Budget(100.0, started=time.process_time() - passed * usable_threads())
    assert budget.spent == pytest.approx(passed / 100, abs=0.05)
    assert budget.tunes is tunes


def test_within_seconds_the_share_rises_and_no_trial_begins_after_them() -> None:
    tune(1)  # Optuna's import counts too
    watched = watch(Budget(2.0))
    shares = [share for _, share in trials_told(watched.told)]
    assert len(shares) == watched.tuning.trials > 1
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


def test_a_budget_that_is_spent_already_tries_what_it_starts_from() -> None:
    watched = watch(Budget(5.0, started=time.process_time() - 10 * usable_threads()))
    assert watched.tuning.trials == len(watched.tuning.candidates) == 1


def test_time_that_the_process_waits_is_not_spent() -> None:
    budget = Budget(30.0)
    time.sleep(0.5)
    assert budget.spent < 0.4 / 30


def test_a_candidate_can_be_grown_again_on_all_rows(tuned: Watched) -> None:
    for candidate in tuned.tuning.candidates:
        fitted = candidate.fit(SAMPLE, 2)
        assert fitted.trees is not None
        assert np.isfinite(fitted.trees.margin(SAMPLE.X)).all()
        assert (fitted.linear is not None) is candidate.settings["backbone"]
