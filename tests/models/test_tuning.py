import time
from typing import NamedTuple

import numpy as np
import pytest

from features.records import Floats
from models import tuning as tuning_module
from models.boosting import Growth
from models.candidates import Candidate, chosen_trees, held_out_rows, held_out_weight, mean_loss, tree_candidate
from models.tuning import Tuning, tune_trees
from tests.models.problems import problem

START = Growth(leaves=7)
DATA = problem(700).data(ordered=True)
FOLDS = DATA.folds()
FIRST = tree_candidate("first", DATA.sample, FOLDS, Growth(leaves=7, trees=400))


class Watched(NamedTuple):
    """What tuning gave and told, when its trials began, and the candidates that it took for the best so far."""

    tuning: Tuning
    told: list[tuple[str, float]]
    begun: list[float]
    better: list[Candidate]


def tune_once() -> Tuning:
    return tune_trees(DATA.sample, FOLDS, 0.01, START, lambda *_: None)


def test_the_first_trial_is_what_tuning_starts_from() -> None:
    tuning = tune_once()
    assert tuning.trials == 1
    assert tuning.candidate is not None
    assert tuning.candidate.settings == FIRST.settings
    np.testing.assert_allclose(tuning.candidate.margins, FIRST.margins, atol=1e-12)


@pytest.fixture(scope="module")
def tuned() -> Watched:
    told: list[tuple[str, float]] = []
    begun: list[float] = []
    better: list[Candidate] = []
    started = time.monotonic()

    def watch(message: str, share: float) -> None:
        told.append((message, share))
        begun.append(time.monotonic() - started)

    def keep(name: str, margins: Floats, growth: Growth, trees: int) -> Candidate:
        better.append(chosen_trees(name, margins, growth, trees))
        return better[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning_module, "chosen_trees", keep)
        tuning = tune_trees(DATA.sample, FOLDS, 5.0, START, watch)
    return Watched(tuning, told, begun, better)


def test_trials_are_counted_and_none_begins_after_the_budget(tuned: Watched) -> None:
    tuning, told, begun, _ = tuned
    assert tuning.trials > 1
    assert [message for message, _ in told] == [f"tuning, trial {k + 1}" for k in range(tuning.trials)]
    assert max(begun) < 5.5
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.2 < shares[-1] <= 1


def test_what_is_found_is_at_least_as_good_as_the_start(tuned: Watched) -> None:
    candidate = tuned.tuning.candidate
    assert candidate is not None
    assert mean_loss(candidate, DATA.sample, FOLDS) <= mean_loss(FIRST, DATA.sample, FOLDS) + 1e-12
    assert candidate.margins.shape == held_out_rows(FOLDS).shape == held_out_weight(DATA.sample, FOLDS).shape


def test_only_a_better_trial_replaces_the_best(tuned: Watched) -> None:
    losses = [mean_loss(candidate, DATA.sample, FOLDS) for candidate in tuned.better]
    assert losses == sorted(losses, reverse=True)
    assert tuned.tuning.candidate is tuned.better[-1]


def test_a_candidate_can_be_grown_again_on_all_rows() -> None:
    candidate = tune_once().candidate
    assert candidate is not None
    component = candidate.fit(DATA.sample)
    assert np.isfinite(component.margin(DATA.sample.X)).all()
    assert 25 <= candidate.settings["trees"] <= 400
