"""SHAP values of a LightGBM model: our tables against LightGBM's own ``pred_contrib`` and woodelf-explainer.

The model has 400 trees of 31 leaves, depth 6, over 60 features. Peers get what they like best: LightGBM an array and
both cores, WOODELF a frame. Making our tables, once per model, is not timed; a note tells what it takes.
"""

import contextlib
import io
import time
from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd

from benchmarks.clock import medians
from benchmarks.results import Result
from features.arrays import Floats
from models.trees.shap.explainer import TreeShap

ROWS, FEATURES, TREES, LEAVES, DEPTH = 100_000, 60, 400, 31, 6
ROUNDS, ONE_BY_ONE = 3, 400
THREADS = 2


@dataclass(frozen=True)
class Subject:
    """A model, what it is asked to explain, and our tables of it."""

    model: lightgbm.Booster
    X: Floats
    shap: TreeShap
    seconds: float  # to make the tables


def run(scale: float) -> list[Result]:
    """Batches of 100,000 rows at full scale, and rows alone."""
    subject = make_subject(int(ROWS * scale))
    return [*in_a_batch(subject), one_row(subject)]


def make_subject(rows: int, trees: int = TREES, features: int = FEATURES) -> Subject:
    """A model of synthetic rows, some of them with a missing value, and rows to explain."""
    random = np.random.default_rng(0)
    X = random.normal(size=(max(rows, 20_000), features)).round(2)
    y = random.random(len(X)) < 1 / (1 + np.exp(-X @ random.normal(size=features) / 4 - X[:, 0] * X[:, 1]))
    params = {"objective": "binary", "num_leaves": LEAVES, "max_depth": DEPTH, "learning_rate": 0.05, "verbosity": -1}
    model = lightgbm.train(params | {"num_threads": THREADS, "seed": 0}, lightgbm.Dataset(X, y), trees)
    started = time.perf_counter()
    shap = TreeShap.of(model.model_to_string(), features)
    return Subject(model, X[:rows], shap, time.perf_counter() - started)


def in_a_batch(subject: Subject) -> list[Result]:
    """All rows at once, on both cores."""
    from woodelf import WoodelfExplainer

    explainer = WoodelfExplainer(subject.model)
    frame = pd.DataFrame(subject.X, columns=subject.model.feature_name())

    def ours() -> Floats:
        return subject.shap.explain(subject.X)[1][:, :-1]

    def lightgbms() -> Floats:
        found: Floats = subject.model.predict(subject.X, pred_contrib=True, num_threads=THREADS)[:, :-1]
        return found

    def woodelfs() -> Floats:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            return np.asarray(explainer.shap_values(frame), dtype=np.float64)

    times, values = medians([ours, lightgbms, woodelfs], ROUNDS)
    name = f"SHAP, {len(subject.X):,} rows, {FEATURES} features, {TREES} trees"
    note = f"{1e6 * times[0] / len(subject.X):.1f} us a row; tables made in {subject.seconds:.2f} s"
    return [
        Result(name, "LightGBM pred_contrib", times[1] / times[0], 20.0, _apart(values[0], values[1]), note),
        Result(
            name, "woodelf-explainer", times[2] / times[0], 4.0, _apart(values[0], values[2]),
            f"woodelf itself is {_apart(values[2], values[1]):.1e} from pred_contrib",
        ),
    ]  # fmt: skip


def one_row(subject: Subject) -> Result:
    """Different rows one after the other, each alone, as requests ask for them."""
    rows = subject.X[:ONE_BY_ONE]
    out = np.empty((len(rows), FEATURES))
    expected = subject.model.predict(rows, pred_contrib=True, num_threads=1)[:, :-1]

    def ours() -> None:
        for i in range(len(rows)):
            subject.shap.explain_row(rows[i], out[i])

    def lightgbms() -> None:
        for i in range(len(rows)):
            subject.model.predict(rows[i : i + 1], pred_contrib=True, num_threads=1)

    times, _ = medians([ours, lightgbms], ROUNDS)
    each = [1e6 * taken / len(rows) for taken in times]
    note = f"{each[0]:.0f} us against {each[1]:.0f} us"
    return Result(
        "SHAP, one row", "LightGBM pred_contrib, one thread", times[1] / times[0], 8.0, _apart(out, expected), note
    )


def _apart(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max())
