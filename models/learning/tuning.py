"""Tuning the trees with Optuna, on the same held-out leads as every candidate."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from features.arrays import Floats
from models.learning.candidates import Candidate, LinearModel, chosen_trees, staged_folds
from models.log_odds import expit, log_losses
from models.samples.folds import Fold
from models.samples.sample import Sample
from models.trees.training import ENCODINGS, TreeParameters, stages

if TYPE_CHECKING:
    from optuna import Trial

_STARTUP = 8
_TREES = 400
_KEPT = 3  # of the best trials: what the best gains over the next is mostly chance, so they are averaged
_TOO_LATE = 0.9  # of the budget: what is left would not do for a trial
_AT_ONCE = 2  # folds between two looks at whether a trial is worth going on with


@dataclass(frozen=True)
class Budget:
    """How long to search: about ``seconds``, or exactly ``trials`` where they are given, which is deterministic."""

    seconds: float
    trials: int | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """The share of the seconds that has passed; 0 where trials count."""
        if self.trials is not None or self.seconds <= 0:
            return 0.0
        return (time.monotonic() - self.started) / self.seconds

    @property
    def tunes(self) -> bool:
        """Whether there is enough left to tune."""
        if self.trials is not None:
            return self.trials > 0
        return self.seconds > 0 and self.spent < _TOO_LATE


@dataclass
class _Search:
    """Trials on the held-out leads of the folds, and the best of them."""

    sample: Sample
    folds: Sequence[Fold]
    linear: LinearModel | None
    on_trial: Callable[[int, float], None]
    best: list[tuple[float, Candidate]] = field(default_factory=list)

    def objective(self, trial: "Trial") -> float:
        self.on_trial(trial.number, self.best[0][0] if self.best else np.inf)
        parameters = self._suggest(trial)
        loss, staged = self._try(trial, parameters)
        stage = int(np.argmin(loss))
        candidate = chosen_trees(
            f"tuned trees {trial.number}", staged[stage], parameters, stages(parameters)[stage], self.linear
        )
        self.best = sorted([*self.best, (float(loss[stage]), candidate)], key=lambda each: each[0])[:_KEPT]
        return float(loss[stage])

    def _suggest(self, trial: "Trial") -> TreeParameters:
        return TreeParameters(
            leaves=trial.suggest_int("leaves", 2, 31, log=True),
            trees=_TREES,
            rate=trial.suggest_float("rate", 0.02, 0.1, log=True),
            min_leads=trial.suggest_int("least_leads", 10, 300, log=True),
            feature_share=trial.suggest_float("feature_share", 0.2, 1.0),
            l2=trial.suggest_float("l2", 0.1, 100.0, log=True),
            encoding=trial.suggest_categorical("encoding", ENCODINGS) if self.sample.categorical else "native",
            offset=bool(trial.suggest_categorical("backbone", (False, True))) if self.linear else False,
        )

    def _try(self, trial: "Trial", parameters: TreeParameters) -> tuple[Floats, Floats]:
        """Mean log loss (stages,) and margins (stages, held-out rows); the newest folds first, they decide soonest."""
        import optuna

        parts: list[Floats] = []
        total, mass = np.zeros(len(stages(parameters))), 0.0
        for step, end in enumerate(range(len(self.folds), 0, -_AT_ONCE)):
            chosen = slice(max(0, end - _AT_ONCE), end)
            linear = self.linear and replace(self.linear, terms=self.linear.terms[chosen])
            staged = staged_folds(self.sample, self.folds[chosen], parameters, linear)
            for fold, margins in zip(self.folds[chosen], staged, strict=True):
                y, weight = self.sample.y[fold.held_out], self.sample.weight[fold.held_out]
                total += np.array([weight @ log_losses(y, expit(margin)) for margin in margins])
                mass += weight.sum()
            parts = [*staged, *parts]
            trial.report(float(total.min() / mass), step)
            if chosen.start > 0 and trial.should_prune():
                raise optuna.TrialPruned
        return total / mass, np.concatenate(parts, axis=1)


def tune_trees(
    sample: Sample,
    folds: Sequence[Fold],
    budget: Budget,
    start: TreeParameters,
    on_progress: Callable[[str, float], None],
    linear: LinearModel | None = None,
) -> tuple[list[Candidate], int]:
    """The best trees, best first, and how many trials were made until the budget was used up.

    The first trial is ``start``; bad ones are left after their first folds. With a ``linear`` model trees on its margin
    are tried too. ``on_progress(text, share)`` gets the least log loss so far.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    begun = budget.spent

    def on_trial(number: int, best: float) -> None:
        spent = number / budget.trials if budget.trials else (budget.spent - begun) / (1 - begun)
        so_far = f", log loss {best:.4f} so far" if np.isfinite(best) else ""
        on_progress(f"tuning, trial {number + 1}{so_far}", min(1.0, spent))

    search = _Search(sample, folds, linear, on_trial)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=sample.seed, n_startup_trials=_STARTUP),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTUP // 2),
    )
    study.enqueue_trial({name: value for name, value in start.to_dict().items() if name != "trees"})
    study.optimize(
        search.objective,
        n_trials=budget.trials,
        timeout=budget.seconds * (1 - begun) if budget.trials is None else None,
    )
    finished = sum(trial.state.is_finished() for trial in study.trials)  # the first waits where no time is left for it
    return [candidate for _, candidate in search.best], finished
