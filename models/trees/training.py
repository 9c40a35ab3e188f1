"""Training trees: their parameters, and trees that grow by stages, with LightGBM or as symmetric ones."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from features.arrays import Floats
from models.samples.sample import Sample
from models.trees.binned import BinnedSample, Codes
from models.trees.symmetric import GrowingSymmetricTrees, PooledSample

if TYPE_CHECKING:
    from lightgbm import Booster as LightGBMBooster
else:
    LightGBMBooster: TypeAlias = Any

STAGE = 25  # trees between two looks at how many are enough
_ALL_LEVELS = 1_000_000
_MIN_LEADS, _LEAVES_FILLED = 5, 50  # a leaf may hold a fiftieth of the leads, and five of them

_MAX_DEPTH = 8  # a leaf below more splits costs several times as much in each score, and said no more

Encoding = Literal["native", "one_hot", "target"]
ENCODINGS: tuple[Encoding, ...] = ("native", "one_hot", "target")
Shape = Literal["free", "symmetric"]


@dataclass(frozen=True)
class TreeParameters:
    """How trees are trained: at most ``trees`` of them, with at least ``min_leads`` leads in a leaf.

    ``encoding`` says how categories are split: by sets of levels, by one level against the others, or by an order of
    the levels (target statistics). With an ``offset`` the trees begin at the linear model's margin.

    Trees of ``shape`` "symmetric" split all nodes of a depth alike, are as deep as their leaves allow, and split
    categories by one level against the others whatever the encoding; ``min_leads`` is not heeded, and ``noise`` is how
    much chance there is in the choice of their first splits.
    """

    leaves: int
    trees: int = 3000
    rate: float = 0.05
    min_leads: int = 40
    feature_share: float = 0.6
    l2: float = 5.0
    encoding: Encoding = "native"
    offset: bool = False
    shape: Shape = "free"
    noise: float = 1.0

    @property
    def codes(self) -> Codes:
        """What the trees read of a category."""
        return "target" if self.encoding == "target" else "codes"

    def scaled(self, sample: Sample) -> "TreeParameters":
        """The same for these rows: fewer leads may fill a leaf where there are few in all."""
        leads = len(sample) / sample.rows_per_lead
        return replace(self, min_leads=int(min(self.min_leads, max(_MIN_LEADS, leads / _LEAVES_FILLED))))

    def within(self, max_leaves: int) -> "TreeParameters":
        """The same with so few trees that they hold no more leaves."""
        return replace(self, trees=min(self.trees, STAGE * max(1, max_leaves // self.leaves // STAGE)))

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, under the names that stored models know."""
        return {_STORED_NAMES.get(name, name): value for name, value in asdict(self).items()}


_STORED_NAMES = {"min_leads": "least_leads", "offset": "backbone"}


def train_trees(sample: Sample, parameters: TreeParameters, seed: int, offset: Floats | None = None) -> LightGBMBooster:
    """Trees over the sample's features, from its rows and their weights; the same seed gives the same trees.

    ``offset`` (n,) is a margin that is known already: the trees learn what is to be added to it.
    """
    growing = growing_trees(prepared(sample, parameters, seed, offset), sample, parameters, seed)
    growing.grow(parameters.trees)
    return growing.over_codes()


def prepared(
    sample: Sample, parameters: TreeParameters, seed: int, offset: Floats | None = None
) -> BinnedSample | PooledSample:
    """The sample's rows as what trains such trees takes them."""
    if parameters.shape == "symmetric":
        return PooledSample.of(sample, offset)
    return BinnedSample.of(sample, parameters.codes, seed, offset)


def growing_trees(
    rows: BinnedSample | PooledSample, sample: Sample, parameters: TreeParameters, seed: int
) -> "GrowingTrees | GrowingSymmetricTrees":
    """Trees that begin to grow over rows that were prepared for them."""
    if isinstance(rows, PooledSample):
        return GrowingSymmetricTrees(rows, _catboost_parameters(sample, parameters, seed))
    return GrowingTrees(rows, sample, parameters, seed)


class GrowingTrees:
    """Trees over binned rows that grow as far as they are asked to.

    ``growing.booster`` reads rows as ``binned.encode`` gives them.
    """

    def __init__(self, binned: BinnedSample, sample: Sample, parameters: TreeParameters, seed: int) -> None:
        import lightgbm

        self.booster: LightGBMBooster = lightgbm.Booster(_lightgbm_parameters(sample, parameters, seed), binned.data)
        self._stage = range(0)  # the trees that were added last
        self._binned = binned
        self._row = np.zeros((1, sample.X.shape[1]))

    def grow(self, count: int) -> None:
        """Add ``count`` trees."""
        # LightGBM keeps its log level per thread, and the number of OpenMP threads for the whole process: more than
        # one would be written past the end of what the boosters of other threads have allotted.
        self.booster.predict(self._row, raw_score=True, num_threads=1, verbosity=-1)
        for _ in range(count):
            self.booster.update()
        # Fewer than were asked for where no split was found: LightGBM leaves such trees out.
        self._stage = range(self._stage.stop, self.booster.num_trees())

    def added(self, X: Floats) -> Floats:
        """What the trees that were added last give to the margins (n,) of encoded X (n, features)."""
        if not self._stage:
            return np.zeros(len(X))
        start, count = self._stage.start, len(self._stage)
        margin = self.booster.predict(
            X, raw_score=True, start_iteration=start, num_iteration=count, num_threads=1, verbosity=-1
        )
        return np.asarray(margin, dtype=np.float64)

    def over_codes(self) -> LightGBMBooster:
        """The trees over the codes of the feature matrix."""
        return self._binned.over_codes(self.booster)


def _catboost_parameters(sample: Sample, parameters: TreeParameters, seed: int) -> dict[str, Any]:
    monotone = {"monotone_constraints": list(sample.monotone)} if any(sample.monotone) else {}
    return {
        "depth": parameters.leaves.bit_length() - 1,
        "learning_rate": parameters.rate,
        "l2_leaf_reg": parameters.l2,
        "rsm": parameters.feature_share,
        "random_strength": parameters.noise,
        "random_seed": seed,
        **monotone,
    }


def _lightgbm_parameters(sample: Sample, parameters: TreeParameters, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": parameters.leaves,
        "max_depth": _MAX_DEPTH,
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
        "max_bin": 255,
        "feature_pre_filter": False,
    }
