"""A small company with dated leads, some with several snapshots, and the problems that come of it."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.quality.problem import Problem
from benchmarks.quality.sources import Prepared
from data_contracts.dataset import Attribute, DatasetManifest, SnapshotRule
from tests.datasets import CUTOFF, write_dataset
from tests.models.problems import FEATURES
from tests.models.problems import problem as learning_problem

FIRST_DAY = CUTOFF - timedelta(days=400)


def small_company(directory: Path, leads: int = 300, ages: tuple[float, ...] = (0.0,)) -> Prepared:
    """Leads over 300 days, every seventh still open; keen ones visit more and buy more, the last 50 have a new plan."""
    random = np.random.default_rng(0)
    created = [FIRST_DAY + timedelta(days=float(day)) for day in np.linspace(0, 300, leads)]
    keen = random.random(leads) < 0.4
    visits = random.poisson(np.where(keen, 8.0, 2.0)).astype(float).tolist()
    won = random.random(leads) < np.where(keen, 0.7, 0.2)
    names = [f"lead {number}" for number in random.permutation(leads)]
    manifest = DatasetManifest(
        mapping="small", order="time", horizon_days="until_closed", data_cutoff=CUTOFF,
        snapshot=SnapshotRule(at="created", ages_days=ages),
        attributes=(
            Attribute(table="leads", name="plan", kind="categorical", known_at="created", label="plan"),
            Attribute(table="leads", name="visits", kind="numeric", known_at="created", label="visits"),
        ),
    )  # fmt: skip
    dataset = write_dataset(
        directory,
        leads=[
            {"lead_id": name, "created_at": at, "plan": _plan(number, leads), "visits": visits[number]}
            for number, (name, at) in enumerate(zip(names, created, strict=True))
        ],
        deals=[
            _deal(name, at, "open" if number % 7 == 0 else "won" if won[number] else "lost")
            for number, (name, at) in enumerate(zip(names, created, strict=True))
        ],
        manifest=manifest,
    )  # fmt: skip
    return Prepared.of(dataset)


def _plan(number: int, leads: int) -> str:
    return "new" if number >= leads - 50 else ("basic", "large")[number % 2]


def _deal(name: str, created: datetime, outcome: str) -> dict[str, object]:
    closed = None if outcome == "open" else created + timedelta(days=20)
    return {"deal_id": name, "lead_id": name, "opened_at": created, "closed_at": closed, "outcome": outcome}


def small_problem(leads: int = 500) -> tuple[Problem, np.ndarray]:
    """A problem with numbers, categories and missing values, and the outcomes of its test rows."""
    given = learning_problem(leads)
    learned = given.split != "test"
    problem = Problem(
        given.X[learned], given.y[learned], given.weight[learned], given.lead[learned], given.time_rank[learned],
        given.split[learned], given.X[~learned], FEATURES, ordered=True,
    )  # fmt: skip
    return problem, given.y[~learned]
