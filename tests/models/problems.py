"""Small learning problems whose answer is known."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.progress import Progress, silent
from features.arrays import Floats
from features.feature import Feature
from models.learning.learner import learn
from models.learning.settings import LearnerSettings
from models.margin.model import LeadModel
from models.samples.folds import Groups, Rows
from models.samples.sample import Sample
from models.samples.training_rows import TrainingRows
from models.trees.training import TreeParameters, train_trees

NUMBERS, LEVELS = 6, 4
DEFAULTS = LearnerSettings()


def number(name: str) -> Feature:
    return Feature(name, "behavioural", name, "count", name, name)


def category(name: str, levels: int = LEVELS) -> Feature:
    return replace(number(name), categories=tuple(f"level {level}" for level in range(levels)))


FEATURES = (*(number(f"number {k}") for k in range(NUMBERS)), category("channel"), category("industry"))


def matrix(rows: int, seed: int = 0, missing: float = 0.05) -> Floats:
    """X (rows, 8): five normal numbers, a skewed one, two categories with unknown codes; some values are missing."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, LEVELS + 1, (rows, 2)).astype(float)
    X = np.column_stack([random.normal(size=(rows, NUMBERS - 1)), random.lognormal(1, 1.5, rows), codes])
    X[random.random(X.shape) < missing] = np.nan
    return X


def truth(X: Floats) -> Floats:
    """Log-odds (n,): two lines, an interaction that no line sees, and a category."""
    x = np.nan_to_num(X)
    log_odds: Floats = -0.7 + 1.2 * x[:, 0] - 0.8 * x[:, 1] + 1.5 * np.sign(x[:, 2] * x[:, 3]) + 0.8 * (x[:, 6] == 1)
    return log_odds


@dataclass(frozen=True)
class Problem:
    """The rows that ``learn`` takes, and the log-odds from which the outcomes were drawn."""

    X: Floats
    y: Floats
    weight: Floats
    lead: Groups
    time_rank: Rows
    split: NDArray[np.str_]
    log_odds: Floats

    def rows(self, *, ordered: bool, monotone: tuple[int, ...] = ()) -> TrainingRows:
        return TrainingRows(
            self.X, self.y, self.weight, self.lead, self.time_rank, self.split, FEATURES, ordered, monotone
        )

    def sample(self, *, ordered: bool, seed: int = 0, monotone: tuple[int, ...] = ()) -> Sample:
        return Sample.of(self.rows(ordered=ordered, monotone=monotone), seed)

    def learn(
        self,
        settings: LearnerSettings = DEFAULTS,
        *,
        ordered: bool = False,
        monotone: tuple[int, ...] = (),
        on_progress: Progress = silent,
        **changed: Any,
    ) -> LeadModel:
        return learn(self.rows(ordered=ordered, monotone=monotone), replace(settings, **changed), on_progress)


def problem(leads: int, *, signal: float = 1.0, snapshots: int = 1, drift: float = 0.0, seed: int = 0) -> Problem:
    """Leads in the order of time: 60 % train, 20 % calibrate, 20 % test.

    ``signal`` 0 makes outcomes noise; ``drift`` is by how much the log-odds rise from the oldest lead to the newest.
    """
    random = np.random.default_rng([seed, leads])
    X = np.repeat(matrix(leads, seed), snapshots, axis=0)
    lead = np.repeat(np.arange(leads), snapshots)
    age = lead / leads
    log_odds = signal * truth(X) - 0.4 * (signal == 0) + drift * (age - 0.5)
    won = random.random(leads) < 1 / (1 + np.exp(-log_odds[::snapshots]))
    split = np.where(age < 0.6, "train", np.where(age < 0.8, "calibrate", "test"))
    weight = np.full(len(X), 1 / snapshots)
    return Problem(X, won[lead].astype(float), weight, lead, np.arange(len(X)), split, log_odds)


def stored_parameters(settings: dict[str, Any]) -> TreeParameters:
    """The parameters whose ``to_dict`` these settings are."""
    names = {"least_leads": "min_leads", "backbone": "offset"}
    return TreeParameters(**{names.get(name, name): value for name, value in settings.items()})


def booster_text(seed: int = 0, rows: int = 600, parameters: TreeParameters = TreeParameters(7, trees=30)) -> str:  # noqa: B008 - frozen
    """A booster over FEATURES, as LightGBM writes it."""
    X = matrix(rows, seed)
    y = (truth(X) + np.random.default_rng(seed).logistic(size=rows) > 0).astype(float)
    text: str = train_trees(sample(X, y), parameters, seed).model_to_string()
    return text


def sample(X: Floats, y: Floats, *, features: tuple[Feature, ...] = FEATURES, **more: Any) -> Sample:
    """Rows of one lead each, oldest first, that weigh the same."""
    rows = np.arange(len(y))
    split = np.full(len(y), "train")
    others: dict[str, Any] = {"weight": np.ones(len(y)), "lead": rows, "time_rank": rows, "split": split} | more
    return Sample(X, y, features=features, ordered=True, **others)
