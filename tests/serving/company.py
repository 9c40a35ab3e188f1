"""A small company as canonical tables, and a model learned from them: what the serving tests score with."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.agreement import load_agreement
from data_contracts.dataset import Attribute, Dataset, DatasetManifest, write_manifest
from features.arrays import Floats
from features.view import FeatureView
from models.calibration.calibrators import ProbabilityInterval
from models.calibration.fitting import fit_sigmoid
from models.calibration.venn_abers import fit_venn_abers
from models.logistic.fitting import fit_logistic
from models.margin.margin import Margin
from models.margin.model import LeadModel
from models.policy.reference import reference_quantiles
from models.samples.sample import Sample
from models.storage.artifact import add_metrics, save_artifact
from models.storage.vocabulary import ACTIVITY_TYPE, Vocabulary
from models.trees.booster import Booster
from models.trees.training import TreeParameters, train_trees
from serving.model.lead_request import microseconds
from tests.datasets import load_records

START = datetime(2025, 1, 1, tzinfo=UTC)
AGE = timedelta(days=14)
TIME = pa.timestamp("us", tz="UTC")
TEXT, NUMBER, FLAG = pa.string(), pa.float64(), pa.bool_()
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "leads": {
        "lead_id": TEXT, "account_id": TEXT, "created_at": TIME, "order": NUMBER, "source": TEXT, "channel": TEXT,
        "campaign": TEXT, "related_to": TEXT, "related_kind": TEXT,
        "job_title": TEXT, "seniority": TEXT, "department": TEXT, "country": TEXT, "language": TEXT,
        "email_kind": TEXT, "has_name": FLAG, "has_phone": FLAG, "has_social": FLAG, "tracking_consent": FLAG,
        "seats": NUMBER, "newsletter": FLAG, "product": TEXT, "tier": TEXT,
    },
    "accounts": {
        "account_id": TEXT, "industry": TEXT, "employees": NUMBER, "annual_revenue": NUMBER, "founded_year": NUMBER,
        "country": TEXT, "kind": TEXT, "tier": TEXT, "product": TEXT,
    },
    "activities": {
        "activity_id": TEXT, "lead_id": TEXT, "occurred_at": TIME, "type": TEXT, "channel": TEXT, "campaign": TEXT,
        "related_to": TEXT, "related_kind": TEXT, "value": NUMBER, "is_automated": FLAG,
        "automated_after": NUMBER, "message_id": TEXT, "link": TEXT, "automated_by": TEXT,
    },
    "deals": {
        "deal_id": TEXT, "lead_id": TEXT, "opened_at": TIME, "closed_at": TIME, "outcome": TEXT, "amount": NUMBER,
        "loss_reason": TEXT,
    },
    "dispositions": {
        "disposition_id": TEXT, "lead_id": TEXT, "at": TIME, "by": TEXT, "verdict": TEXT, "reason": TEXT,
        "budget": FLAG, "authority": FLAG, "need": FLAG, "timeline": FLAG, "sentiment": NUMBER,
    },
    "changes": {"lead_id": TEXT, "account_id": TEXT, "field": TEXT, "value": TEXT, "changed_at": TIME},
}  # fmt: skip
ATTRIBUTES = (
    Attribute(table="leads", name="seats", kind="numeric", known_at="created", label="seats"),
    Attribute(table="leads", name="newsletter", kind="boolean", known_at="unknown", label="newsletter"),
    Attribute(table="leads", name="product", kind="categorical", known_at="created", label="product"),
    Attribute(table="accounts", name="tier", kind="categorical", known_at="created", label="tier"),
)
Rows = Sequence[Mapping[str, Any]]


def write_tables(directory: Path, tables: Mapping[str, Rows]) -> Dataset:
    """Write canonical tables; those not given have no rows."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        rows = [{column: row.get(column) for column in columns} for row in tables.get(name, ())]
        pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(columns.items())), directory / f"{name}.parquet")
    write_manifest(DatasetManifest(mapping="test", order="time", attributes=ATTRIBUTES), directory)
    return Dataset(directory)


def make_tables(leads: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Leads of shared accounts with activities before and after the moment at which they are scored."""
    rng = np.random.default_rng(seed)
    accounts = [
        {
            "account_id": f"A{k}",
            "industry": str(rng.choice(["software", "retail", "health"])),
            "employees": float(rng.integers(1, 5000)),
            "tier": str(rng.choice(["gold", "silver"])),
        }
        for k in range(leads // 3)
    ]
    people = [_lead(rng, index, len(accounts)) for index in range(leads)]
    activities = [each for person in people for each in _activities(rng, person)]
    dispositions = [each for person in people for each in _dispositions(rng, person)]
    return {"leads": people, "accounts": accounts, "activities": activities, "dispositions": dispositions}


def _lead(rng: np.random.Generator, index: int, accounts: int) -> dict[str, Any]:
    return {
        "lead_id": f"L{index}",
        "account_id": f"A{rng.integers(accounts)}" if rng.random() < 0.8 else None,
        "created_at": START + timedelta(hours=2 * index, microseconds=int(rng.integers(1_000_000))),
        "source": str(rng.choice(["web", "fair", "referral"])),
        "country": str(rng.choice(["ES", "IT", "DE"])) if rng.random() < 0.9 else None,
        "email_kind": str(rng.choice(["business", "free"])),
        "has_phone": bool(rng.random() < 0.5),
        "seats": float(rng.normal(50, 20)) if rng.random() < 0.8 else None,
        "newsletter": bool(rng.random() < 0.3) if rng.random() < 0.9 else None,
        "product": str(rng.choice(["basic", "pro", "team"])),
        "related_to": ("web", "fair", None)[index % 3],
    }


def _activities(rng: np.random.Generator, lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    types = ["page_view", "pricing_view", "email_click", "demo_request", "booth_visit"]
    return [
        {
            "activity_id": f"{lead['lead_id']}-{number}",
            "lead_id": lead["lead_id"],
            "occurred_at": lead["created_at"] + timedelta(seconds=float(rng.exponential(8 * 86_400))),
            "type": str(rng.choice(types, p=[0.5, 0.2, 0.15, 0.05, 0.1])),
            "channel": str(rng.choice(["mail", "search"])) if rng.random() < 0.5 else None,
            "value": float(rng.exponential(3)) if rng.random() < 0.3 else None,
            "is_automated": bool(rng.random() < 0.1),
            "related_to": ("Web ", "fair")[number % 2],
        }
        for number in range(rng.poisson(6))
    ]


def _dispositions(rng: np.random.Generator, lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    if rng.random() < 0.6:
        return []
    return [
        {
            "disposition_id": f"{lead['lead_id']}-d",
            "lead_id": lead["lead_id"],
            "at": lead["created_at"] + timedelta(days=float(rng.uniform(1, 25))),
            "by": "team",
            "verdict": str(rng.choice(["accepted", "ready", "nurture"])),
            "budget": bool(rng.random() < 0.5) if rng.random() < 0.7 else None,
            "sentiment": float(rng.uniform(-1, 1)),
        }
    ]


def moments_of_leads(tables: Mapping[str, Rows]) -> NDArray[np.int64]:
    """When each lead (n,) is scored."""
    return np.array([microseconds(lead["created_at"] + AGE) for lead in tables["leads"]], dtype=np.int64)


def learn_artifact(dataset: Dataset, tables: Mapping[str, Rows], directory: Path, seed: int) -> None:
    """Learn who buys in this company and write the artifact."""
    records, moments = load_records(dataset), moments_of_leads(tables)
    rows = np.arange(len(moments))
    view = FeatureView.fit(records, rows, moments, ATTRIBUTES)
    X = view.compute(records, rows, moments)
    names = [each.name for each in view.features]
    wants = np.nan_to_num(X[:, names.index("lead.seats")], nan=50.0) / 20 + 2 * np.nan_to_num(
        X[:, names.index("lead.has_phone")]
    )
    rng = np.random.default_rng(seed)
    y = (wants - np.median(wants) + rng.logistic(size=len(rows)) > 0).astype(np.float64)
    model = _fit(X, y, view, seed)
    save_artifact(
        directory, model=model, view=view, agreement=load_agreement(),
        reference=reference_quantiles(
            model.probability(X), lead_attributes=["seats", "newsletter", "product", "tier"]
        ),
        facts={"mapping": "test"},
        vocabulary=Vocabulary(
            {"leads.source": {"Web site": "web", "n/a": None}, "leads.newsletter": {"Si": "true"},
             "leads.seats": {"a dozen": "12"}, "accounts.tier": {"AU": "gold"},
             ACTIVITY_TYPE: {"Demo": "demo_request"}},
            ("booth_visit", "demo_request", "email_click", "page_view", "pricing_view"),
        ),
    )  # fmt: skip
    add_metrics(directory, {"roc_auc": {"value": 0.8}})


def _fit(X: Floats, y: Floats, view: FeatureView, seed: int) -> LeadModel:
    """Trees and logistic terms with a calibrator and an interval, without the learner's long search among them."""
    weight = np.ones(len(y))
    rows = np.arange(len(y))
    sample = Sample(X, y, weight, rows, rows, np.full(len(y), "train"), view.features, ordered=True, seed=seed)
    trained = train_trees(sample, TreeParameters(leaves=7, trees=60, min_leads=10), seed)
    terms = fit_logistic(X, y, weight, view.features, [0.1])[0]
    margin = Margin([Booster(trained.model_to_string()), terms], [0.7, 0.3], 0.01, X.shape[1])
    calibrator = fit_sigmoid(margin.margin(X), y, weight)
    steps = fit_venn_abers(margin.margin(X), y, weight)
    return LeadModel(margin, calibrator, ProbabilityInterval(steps, calibrator, 0.3))
