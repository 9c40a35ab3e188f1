"""An explained linear model of leads with one feature of each kind."""

from typing import ClassVar

import numpy as np
import pandas as pd

from features.arrays import Floats
from features.feature import Feature
from models.explanation.points import Explanation, explain_contributions

VISITS, SIZE = "visits to the pricing page", "number of employees"
FEATURES = (
    Feature("pricing_view.count_7d", "intent", "pricing_view", "events", "Visits.", "count", VISITS, "pricing_view", 7),
    Feature("pricing_view.recency", "intent", "pricing_view", "days", "Last.", "recency", VISITS, "pricing_view"),
    Feature(
        "lead.source",
        "channel",
        "source",
        "category",
        "Source.",
        "source",
        "source",
        categories=("website", "referral"),
    ),
    Feature("account.employees", "firmographic", "account.employees", "number", "Size.", "employees", SIZE),
    Feature("lead.has_phone", "demographic", "has_phone", "yes or no", "Phone.", "has_phone", "phone number given"),
)


class Sigmoid:
    """The logistic function as calibrator."""

    kind: ClassVar[str] = "sigmoid"

    def predict(self, margin: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-margin)), dtype=np.float64)

    def to_dict(self) -> dict[str, object]:
        return {}


def matrix_of(leads: int = 400, seed: int = 0) -> Floats:
    """Values of FEATURES: half of the leads never looked at prices, some have a source or size not known."""
    generator = np.random.default_rng(seed)
    visits = generator.poisson(0.7, leads).astype(np.float64)
    recency = np.where(visits > 0, generator.uniform(0, 7, leads), np.nan)
    source = generator.choice([0.0, 1.0, 2.0, np.nan], leads, p=[0.5, 0.3, 0.1, 0.1])
    size = np.where(generator.random(leads) < 0.1, np.nan, generator.lognormal(4, 1, leads))
    return np.column_stack((visits, recency, source, size, generator.integers(0, 2, leads).astype(np.float64)))


def explained(X: Floats) -> Explanation:
    """Log-odds that grow with visits, referral and size, and fall with a phone number."""
    effects = (
        0.8 * (X[:, 0] - 0.7),
        np.where(np.isnan(X[:, 1]), 0.0, 0.3),
        np.select([X[:, 2] == 1, X[:, 2] == 0], [0.6, -0.3], 0.0),
        np.nan_to_num(0.5 * (np.log(X[:, 3]) - 4)),
        np.where(X[:, 4] == 1, -0.1, 0.1),
    )
    contributions = np.column_stack((*effects, np.full(len(X), -1.5)))
    probability = Sigmoid().predict(contributions.sum(axis=1))
    return explain_contributions(Sigmoid(), contributions, probability)


def snapshots_of(X: Floats, seed: int = 0) -> pd.DataFrame:
    """The segment columns and labels of the leads; the campaign is known for few."""
    generator = np.random.default_rng(seed)
    names = {0.0: "website", 1.0: "referral", 2.0: "partner"}
    return pd.DataFrame(
        {
            "lead_id": [f"L{row}" for row in range(len(X))],
            "snapshot_at": pd.date_range("2025-01-01", periods=len(X), freq="1h", tz="UTC"),
            "label": pd.array(generator.integers(0, 2, len(X)), dtype="Int8"),
            "source": [names.get(code) for code in X[:, 2]],
            "campaign": ["spring" if row < 5 else None for row in range(len(X))],
            "channel": None,
        }
    )
