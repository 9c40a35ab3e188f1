"""Growing trees with LightGBM: parameters, training, and what a booster says after each stage."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from features.feature import Feature
from features.records import Floats

if TYPE_CHECKING:
    from lightgbm import Booster as Grown
else:
    Grown: TypeAlias = Any

_ONE_THREAD_ROWS = 20_000  # below this, waiting for a second thread costs more than it saves
STAGE = 25  # trees between two looks at how many are enough


@dataclass(frozen=True)
class Growth:
    """How trees grow. ``least_leads`` is how many leads a leaf holds at least; ``trees`` how many are grown."""

    leaves: int
    trees: int = 300
    rate: float = 0.05
    least_leads: int = 40
    feature_share: float = 0.6
    l2: float = 5.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def grow(
    X: Floats, y: Floats, weight: Floats, features: Sequence[Feature], growth: Growth, seed: int, rows_per_lead: float
) -> Grown:
    """Train on X (n, features), y (n,) of 0 and 1, weight (n,); the same seed gives the same trees."""
    import lightgbm

    data = lightgbm.Dataset(
        X,
        y,
        weight=weight,
        categorical_feature=[i for i, feature in enumerate(features) if feature.categories is not None],
        params={"verbosity": -1, "max_bin": 255},
        free_raw_data=True,
    )
    return lightgbm.train(_parameters(growth, seed, rows_per_lead, len(X)), data, num_boost_round=growth.trees)


def stages(growth: Growth) -> range:
    """Numbers of trees after which a booster is looked at."""
    return range(STAGE, growth.trees + 1, STAGE)


def staged_margins(grown: Grown, X: Floats, growth: Growth) -> Floats:
    """Margins (stages, n) of X (n, features) after each stage."""
    parts = [
        grown.predict(X, raw_score=True, start_iteration=end - STAGE, num_iteration=STAGE) for end in stages(growth)
    ]
    return np.cumsum(parts, axis=0)


def _parameters(growth: Growth, seed: int, rows_per_lead: float, rows: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": growth.leaves,
        "learning_rate": growth.rate,
        "min_data_in_leaf": max(1, round(growth.least_leads * rows_per_lead)),
        "feature_fraction": growth.feature_share,
        "lambda_l2": growth.l2,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "cat_smooth": 50.0,
        "cat_l2": 20.0,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1 if rows < _ONE_THREAD_ROWS else 2,
        "verbosity": -1,
    }
