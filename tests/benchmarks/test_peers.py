import json
import re
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.answer import Effort
from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.ours import whylead
from benchmarks.quality.peers.trees import with_fewer_levels
from benchmarks.quality.peers.tuning import shuffled_folds
from benchmarks.quality.runner import Runner, absent
from benchmarks.quality.scores import score
from benchmarks.quality.store import REPOSITORY, Store
from tests.benchmarks.small_company import small_problem

SLOW = (
    "ebm", "realmlp", "tabm", "flaml", "autogluon", "autogluon_best", "autogluon_newest", "lightgbm_tuned",
    "catboost_tuned", "blend", "whylead",
)  # fmt: skip
ODD = ("logistic_regression", "logistic_cv", "naive_bayes", "random_forest", "hist_boosting", "lightgbm_small")
EACH = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CONTENDERS]


@pytest.mark.parametrize("name", EACH)
def test_a_contender_gives_probabilities_that_beat_none(name: str, tmp_path: Path) -> None:
    contender = CONTENDERS[name]
    reason = absent(contender)
    if reason:
        pytest.skip(reason)
    problem, y = small_problem(1000)
    (found,) = Runner(Store(tmp_path, resume=False)).solve("task", contender, [problem], Effort(6.0, 1))
    assert ((found.answer.p > 0) & (found.answer.p < 1)).all()
    rows = np.arange(len(y))
    assert score(y, found.answer.p, rows).roc_auc > 0.7 or name == "base_rate"


def test_where_whylead_refuses_the_base_rate_is_left() -> None:
    problem, _ = small_problem()
    few = np.concatenate([np.flatnonzero(problem.y_train == 0), np.flatnonzero(problem.y_train == 1)[:4]])
    little = replace(
        problem,
        X_train=problem.X_train[few],
        y_train=problem.y_train[few],
        weight=problem.weight[few],
        group=problem.group[few],
        position=problem.position[few],
        part=problem.part[few],
    )
    found = whylead(little, Effort(0.0, 1))
    assert found.p == pytest.approx(np.average(little.y_train, weights=little.weight))
    assert "4 won" in found.facts["refused"]


@pytest.mark.slow
def test_an_unseen_level_and_a_column_that_went_away_harm_no_plain_peer(tmp_path: Path) -> None:
    problem, _ = small_problem()
    train, test = problem.X_train.copy(), problem.X_test.copy()
    test[:, 0] = np.nan
    train[train[:, 6] == 4, 6] = 0
    test[:5, 6] = 4
    odd = replace(problem, X_train=train, X_test=test)
    for name in ODD:
        (found,) = Runner(Store(tmp_path, resume=False)).solve("task", CONTENDERS[name], [odd], Effort(0.0, 1))
        assert ((found.answer.p > 0) & (found.answer.p < 1)).all()


def test_the_lock_holds_neither_torch_nor_its_gigabytes_of_cuda() -> None:
    locked = re.findall(r"^([a-z0-9-]+)==", (REPOSITORY / "requirements" / "peers.txt").read_text(), re.MULTILINE)
    assert {"pytabkit", "autogluon-tabular", "flaml"} <= set(locked)
    assert not [name for name in locked if name in ("torch", "triton") or name.startswith(("nvidia", "cuda"))]


def test_what_all_peers_import_of_this_project_needs_no_more_than_is_locked_for_them() -> None:
    """They have an environment of their own, without pydantic and what else the product needs."""
    program = (
        "import json, sys\n"
        "import benchmarks.quality.contest, benchmarks.quality.peers.frames\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    packages = packages_distributions()
    needed = {
        re.sub(r"[-_.]+", "-", name).lower() for module in json.loads(printed) for name in packages.get(module, [])
    }
    locked = re.findall(r"^([a-z0-9-]+)==", (REPOSITORY / "requirements" / "peers.txt").read_text(), re.MULTILINE)
    assert "numpy" in needed
    assert needed - {"whylead"} <= set(locked)


def test_folds_keep_the_rows_of_a_lead_together() -> None:
    problem, _ = small_problem()
    rows = np.arange(len(problem.y_train))
    repeated = replace(problem, group=rows // 3)
    for given in (problem, repeated):
        folds = shuffled_folds(given)
        assert np.sort(np.concatenate([held for _, held in folds])).tolist() == rows.tolist()
        for train, held in folds:
            assert not np.isin(given.group[held], given.group[train]).any()
            assert abs(given.y_train[held].mean() - given.y_train.mean()) < 0.05


def test_the_rarest_levels_are_pooled_where_a_peer_takes_fewer() -> None:
    problem, _ = small_problem()
    fewer = with_fewer_levels(problem, 3)
    assert fewer.features[6].categories == ("level 0", "level 1")
    known = ~np.isnan(problem.X_train[:, 6])
    assert np.array_equal(np.isnan(fewer.X_train[:, 6]), ~known)
    assert np.array_equal(fewer.X_train[known, 6], np.minimum(problem.X_train[known, 6], 2))
    assert with_fewer_levels(problem, 200).digest == problem.digest
