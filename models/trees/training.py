"""Training trees with LightGBM: parameters, training, and what a booster says after each stage."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from features.arrays import Floats
from models.samples.sample import Sample
from models.trees.rewriting import name_missing, with_sets
from models.trees.target_statistics import Encoded, encode

if TYPE_CHECKING:
    from lightgbm import Booster as LightGBMBooster
else:
    LightGBMBooster: TypeAlias = Any

STAGE = 25  # trees between two looks at how many are enough
_ALL_LEVELS = 1_000_000

Encoding = Literal["native", "one_hot", "target"]
ENCODINGS: tuple[Encoding, ...] = ("native", "one_hot", "target")


@dataclass(frozen=True)
class TreeParameters:
    """How trees are trained: ``trees`` of them, with at least ``min_leads`` leads in a leaf.

    ``encoding`` says how categories are split: by sets of levels, by one level against the others, or by an order of
    the levels (target statistics). With an ``offset`` the trees begin at the linear model's margin.
    """

    leaves: int
    trees: int = 300
    rate: float = 0.05
    min_leads: int = 40
    feature_share: float = 0.6
    l2: float = 5.0
    encoding: Encoding = "native"
    offset: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, under the names that stored models know."""
        return {_STORED_NAMES.get(name, name): value for name, value in asdict(self).items()}


_STORED_NAMES = {"min_leads": "least_leads", "offset": "backbone"}


def train_trees(sample: Sample, parameters: TreeParameters, seed: int, offset: Floats | None = None) -> LightGBMBooster:
    """Trees over the sample's features, from its rows and their weights; the same seed gives the same trees.

    ``offset`` (n,) is a margin that is known already: the trees learn what is to be added to it.
    """
    import lightgbm

    encoded = encode(sample, seed) if parameters.encoding == "target" else Encoded(sample.X, {})
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
    trained = lightgbm.train(_lightgbm_parameters(sample, parameters, seed), data, num_boost_round=parameters.trees)
    if not encoded.tables and not missing:
        return trained
    return lightgbm.Booster(model_str=with_sets(trained.model_to_string(), encoded.tables, missing))


def stages(parameters: TreeParameters) -> range:
    """Numbers of trees after which a booster is looked at."""
    return range(STAGE, parameters.trees + 1, STAGE)


def staged_margins(trained: LightGBMBooster, X: Floats, parameters: TreeParameters) -> Floats:
    """Margins (stages, n) of X (n, features) after each stage."""
    parts = [
        trained.predict(X, raw_score=True, start_iteration=end - STAGE, num_iteration=STAGE, num_threads=1)
        for end in stages(parameters)
    ]
    return np.cumsum(parts, axis=0)


def _lightgbm_parameters(sample: Sample, parameters: TreeParameters, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": parameters.leaves,
        "learning_rate": parameters.rate,
        "min_data_in_leaf": max(1, round(parameters.min_leads * sample.rows_per_lead)),
        "feature_fraction": parameters.feature_share,
        "lambda_l2": parameters.l2,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "cat_smooth": 20.0,
        "cat_l2": 10.0,
        "min_data_per_group": max(1, round(20 * sample.rows_per_lead)),
        "max_cat_to_onehot": _ALL_LEVELS if parameters.encoding == "one_hot" else 4,
        "monotone_constraints": list(sample.monotone) if any(sample.monotone) else None,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,  # folds and bags are trained beside each other
        "verbosity": -1,
    }
