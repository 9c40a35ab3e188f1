"""Tuning the trees with Optuna: settings are explored on the newest folds, the best are confirmed on all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from features.arrays import Floats
from models.learning.budget import Budget
from models.learning.candidates import Candidate, LinearModel, tree_candidate
from models.learning.growth import FoldedSample, Growth
from models.learning.settings import LearnerSettings
from models.samples.sample import Sample
from models.trees.training import ENCODINGS, TreeParameters

if TYPE_CHECKING:
    from optuna import Trial

_STARTUP = 8
_TUNED = ("leaves", "rate", "least_leads", "feature_share", "l2", "encoding", "backbone")
_CONFIRMED = 3  # of the best trials: what the best gains over the next is mostly chance, so they are averaged
_EXPLORING = 0.6  # of the budget; the rest is for confirming
_SLOWER, _SLOWEST = 2.0, 0.04  # confirmed trees learn at half the rate of those that explored, and at most at this one
_MIN_LEADS_PER_LEAF = 50  # leads of the sample for each leaf of the largest trees
_MIN_LARGEST, _MAX_LARGEST = 31, 256  # leaves


@dataclass
class _Search:
    """Trials on the newest folds, and their settings in the order of their log loss."""

    folded: FoldedSample
    linear: LinearModel | None
    on_trial: Callable[[int, float], None]
    max_leaves: int
    best: list[tuple[float, TreeParameters]] = field(default_factory=list)
    rival: Floats | None = None

    def objective(self, trial: "Trial") -> float:
        """The log loss of a trial; raises TrialPruned where it is hopeless."""
        import optuna

        self.on_trial(trial.number, self.best[0][0] if self.best else np.inf)
        parameters = self._suggest(trial)
        grown = Growth(self.folded, parameters).probe(self.rival)
        if grown is None:
            raise optuna.TrialPruned
        if not self.best or grown.loss < self.best[0][0]:
            self.rival = grown.margins
        self.best = sorted([*self.best, (grown.loss, parameters)], key=lambda each: each[0])
        return grown.loss

    def _suggest(self, trial: "Trial") -> TreeParameters:
        sample = self.folded.sample
        return TreeParameters(
            leaves=trial.suggest_int("leaves", 2, _largest(sample), log=True),
            rate=trial.suggest_float("rate", 0.04, 0.15, log=True),
            min_leads=trial.suggest_int("least_leads", 2, 200, log=True),
            feature_share=trial.suggest_float("feature_share", 0.15, 1.0),
            l2=trial.suggest_float("l2", 0.1, 100.0, log=True),
            encoding=trial.suggest_categorical("encoding", ENCODINGS) if sample.categorical else "native",
            offset=bool(trial.suggest_categorical("backbone", (False, True))) if self.linear else False,
        ).within(self.max_leaves)


def _largest(sample: Sample) -> int:
    """The most leaves that are tried on these rows."""
    return int(np.clip(len(sample) / sample.rows_per_lead / _MIN_LEADS_PER_LEAF, _MIN_LARGEST, _MAX_LARGEST))


def tune_trees(
    folded: FoldedSample,
    budget: Budget,
    start: TreeParameters,
    on_progress: Callable[[str, float], None],
    linear: LinearModel | None = None,
    max_leaves: int = LearnerSettings.max_leaves,
) -> tuple[list[Candidate], int]:
    """The best trees of at most ``max_leaves``, best first, and how many trials were made until the budget was used up.

    The first trial is ``start``; bad ones are left early. With a ``linear`` model trees on its margin are tried too.
    ``on_progress(text, share)`` gets the least log loss on the newest folds so far.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    begun = budget.spent
    end = begun + _EXPLORING * (1 - begun)

    def on_trial(number: int, best: float) -> None:
        spent = number / budget.trials if budget.trials else (budget.spent - begun) / (1 - begun)
        so_far = f", log loss {best:.4f} so far" if np.isfinite(best) else ""
        on_progress(f"tuning, trial {number + 1}{so_far}", min(1.0, spent))

    def stop(study: "optuna.Study", _: object) -> None:
        if budget.trials is None and budget.spent > end:
            study.stop()

    search = _Search(folded, linear, on_trial, max_leaves)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=folded.sample.seed, n_startup_trials=_STARTUP))
    start = replace(start, leaves=min(start.leaves, _largest(folded.sample)))
    study.enqueue_trial({name: value for name, value in start.to_dict().items() if name in _TUNED})
    study.optimize(search.objective, n_trials=budget.trials, callbacks=[stop])
    finished = sum(trial.state.is_finished() for trial in study.trials)
    return _confirmed(search, budget, on_progress), finished


def _confirmed(search: _Search, budget: Budget, on_progress: Callable[[str, float], None]) -> list[Candidate]:
    """The best settings grown on all folds, more slowly; the second and third as long as the budget lasts."""
    confirmed: list[Candidate] = []
    for place, (_, parameters) in enumerate(search.best[:_CONFIRMED]):
        if confirmed and budget.spent > 1 - 1 / (place + 1) * (1 - _EXPLORING):
            break
        on_progress(f"confirming the best trees, {place + 1} of {_CONFIRMED}", 1.0)
        slower = replace(parameters, rate=min(parameters.rate / _SLOWER, _SLOWEST))
        candidate = tree_candidate(f"tuned trees {place + 1}", search.folded, slower, search.linear)
        if candidate is not None:
            confirmed.append(candidate)
    return confirmed
