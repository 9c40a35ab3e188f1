"""A small company and a model of it, for tests of what comes after learning."""

from dataclasses import replace
from functools import cache

import lightgbm
import numpy as np

from data_contracts.agreement import Agreement, load_agreement
from data_contracts.dataset import Attribute
from features.arrays import DAY, Floats
from features.records.records import Records
from features.view import FeatureView
from models.calibration.calibrators import ProbabilityInterval, Sigmoid
from models.calibration.venn_abers import fit_venn_abers
from models.logistic.component import LogisticTerms
from models.logistic.terms import NumberTerm
from models.margin.margin import Margin
from models.margin.model import LeadModel
from models.policy.reference import reference_quantiles
from models.storage.artifact import Artifact
from models.trees.booster import Booster
from tests.features.requests import LeadRequest, moments_of, records_of

NOW = 20_000 * DAY
LEADS = 400
ATTRIBUTES = (Attribute(table="leads", name="rooms", kind="numeric", label="rooms"),)
TYPES = ("page_view", "pricing_view", "email_open", "demo_request", "site_chat")


@cache
def requests() -> tuple[LeadRequest, ...]:
    """Leads with profiles and activities of all kinds."""
    random = np.random.default_rng(5)
    return tuple(_request(random, number) for number in range(LEADS))


def _request(random: np.random.Generator, number: int) -> LeadRequest:
    activities = [
        {
            "type": str(random.choice(TYPES)),
            "occurred_at": int(NOW - random.integers(1, 60 * DAY)),
            "is_automated": bool(random.random() < 0.1),
        }
        for _ in range(random.integers(0, 9))
    ]
    lead = {
        "lead_id": f"L{number}",
        "created_at": int(NOW - random.integers(1, 90 * DAY)),
        "email_kind": str(random.choice(["business", "free", "disposable"], p=[0.6, 0.37, 0.03])),
        "source": str(random.choice(["web", "fair", "referral"])),
        "rooms": None if random.random() < 0.1 else float(random.integers(1, 9)),
    }
    account = {"industry": str(random.choice(["retail", "software"])), "employees": int(random.integers(1, 500))}
    request: LeadRequest = {"lead": lead, "as_of": NOW, "activities": activities}  # type: ignore[typeddict-item]
    return request | {"account": account} if random.random() < 0.8 else request


@cache
def records() -> Records:
    """The same leads as records."""
    return records_of(requests())


@cache
def view() -> FeatureView:
    """The features of the company."""
    return FeatureView.fit(records(), np.arange(LEADS), moments_of(requests()), ATTRIBUTES)


@cache
def artifact(agreement: Agreement | None = None, windows: int | None = None) -> Artifact:
    """A model of two boosters and a logistic term, calibrated on the leads that it was learned from.

    It looks at the first ``windows`` only where so many are given.
    """
    seen = replace(view(), windows=view().windows[:windows])
    X = seen.compute(records(), np.arange(LEADS), moments_of(requests()))
    rooms = next(k for k, feature in enumerate(seen.features) if feature.name == "lead.rooms")
    truth = np.nan_to_num(X[:, rooms]) - 4 + 2 * np.random.default_rng(3).normal(size=LEADS)
    y = (truth > 0).astype(float)
    margin = Margin([_booster(X, y, 1), _booster(X, y, 2), _rooms(rooms, X)], [0.6, 0.4, 0.5], -0.2, X.shape[1])
    m = margin.margin(X)
    calibrator = Sigmoid(0.9, 0.1)
    interval = ProbabilityInterval(fit_venn_abers(m, y, np.ones(LEADS)), calibrator, 0.3)
    model = LeadModel(margin, calibrator, interval, {"warnings": []})
    reference = reference_quantiles(model.probability(X), leads_per_week=100, fields=["email_kind", "rooms"])
    return Artifact(model, seen, agreement or load_agreement(), reference, facts={"learning": model.report})


def _booster(X: Floats, y: Floats, seed: int) -> Booster:
    parameters = {"objective": "binary", "num_leaves": 7, "seed": seed, "verbosity": -1, "num_threads": 1}
    trained = lightgbm.train(parameters, lightgbm.Dataset(X, y), num_boost_round=20)
    return Booster(trained.model_to_string())


def _rooms(column: int, X: Floats) -> LogisticTerms:
    return LogisticTerms(0.1, (NumberTerm(column, 0.7, 4.0, 2.0, False, -0.1, 0.02),), X.shape[1])
