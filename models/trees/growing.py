"""Growing trees with LightGBM: parameters, training, and what a booster says after each stage."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from features.arrays import Floats
from models.samples.sample import Sample
from models.trees.rewriting import name_missing, with_sets
from models.trees.target_statistics import Encoded, encode

if TYPE_CHECKING:
    from lightgbm import Booster as Grown
else:
    Grown: TypeAlias = Any

STAGE = 25  # trees between two looks at how many are enough
_ALL_LEVELS = 1_000_000

Encoding = Literal["native", "one_hot", "target"]
ENCODINGS: tuple[Encoding, ...] = ("native", "one_hot", "target")


@dataclass(frozen=True)
class Growth:
    """How trees grow. ``least_leads`` is how many leads a leaf holds at least; ``trees`` how many are grown.

    ``encoding`` says how categories are split: by sets of levels, by one level against the others, or by an order of
    the levels (target statistics). With a ``backbone`` the trees learn what the logistic terms leave over.
    """

    leaves: int
    trees: int = 300
    rate: float = 0.05
    least_leads: int = 40
    feature_share: float = 0.6
    l2: float = 5.0
    encoding: Encoding = "native"
    backbone: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def grow(sample: Sample, growth: Growth, seed: int, offset: Floats | None = None) -> Grown:
    """Trees over the sample's features, from its rows and their weights; the same seed gives the same trees.

    ``offset`` (n,) is a margin that is known already: the trees learn what is to be added to it.
    """
    import lightgbm

    encoded = encode(sample, seed) if growth.encoding == "target" else Encoded(sample.X, {})
    by_code = [column for column in sample.categorical if column not in encoded.tables]
    X, missing = name_missing(sample, encoded.X, by_code)
    data = lightgbm.Dataset(
        X,
        sample.y,
        weight=sample.weight,
        init_score=offset,
        categorical_feature=by_code,
        params={"verbosity": -1, "max_bin": 255, "num_threads": 1},
        free_raw_data=True,
    )
    grown = lightgbm.train(_parameters(sample, growth, seed), data, num_boost_round=growth.trees)
    if not encoded.tables and not missing:
        return grown
    return lightgbm.Booster(model_str=with_sets(grown.model_to_string(), encoded.tables, missing))


def stages(growth: Growth) -> range:
    """Numbers of trees after which a booster is looked at."""
    return range(STAGE, growth.trees + 1, STAGE)


def staged_margins(grown: Grown, X: Floats, growth: Growth) -> Floats:
    """Margins (stages, n) of X (n, features) after each stage."""
    parts = [
        grown.predict(X, raw_score=True, start_iteration=end - STAGE, num_iteration=STAGE, num_threads=1)
        for end in stages(growth)
    ]
    return np.cumsum(parts, axis=0)


def _parameters(sample: Sample, growth: Growth, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": growth.leaves,
        "learning_rate": growth.rate,
        "min_data_in_leaf": max(1, round(growth.least_leads * sample.rows_per_lead)),
        "feature_fraction": growth.feature_share,
        "lambda_l2": growth.l2,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "cat_smooth": 20.0,
        "cat_l2": 10.0,
        "min_data_per_group": max(1, round(20 * sample.rows_per_lead)),
        "max_cat_to_onehot": _ALL_LEVELS if growth.encoding == "one_hot" else 4,
        "monotone_constraints": list(sample.monotone) if any(sample.monotone) else None,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,  # folds and bags are grown beside each other
        "verbosity": -1,
    }
