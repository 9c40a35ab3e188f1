"""Symmetric trees, which split all nodes of a depth alike: grown by CatBoost, written as LightGBM's text.

Where leads are few, a tree of three splits and eight leaves is harder to fit to chance than one whose every leaf has
splits of its own. CatBoost compares numbers as float32 and categories one level at a time, and sends what is missing
with the smallest numbers. The text says the same for every row of the feature matrix, so everything after the training
knows LightGBM's trees only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from features.arrays import Floats
from features.feature import Feature
from models.samples.sample import Sample
from models.trees.lightgbm_text import CATEGORICAL, END, WORD, ModelText, write_tree

if TYPE_CHECKING:
    from catboost import CatBoost, Pool
    from lightgbm import Booster as LightGBMBooster
else:
    CatBoost: TypeAlias = Any
    Pool: TypeAlias = Any
    LightGBMBooster: TypeAlias = Any

_NAN_LEFT = 10  # LightGBM's decision type of a number: NaN is what is missing, and goes left
_COVER = 2**30  # units of weight over the leaves of a tree: LightGBM counts in whole numbers below 2**31
_LIMIT = float(np.finfo(np.float32).max)
# While it trains, CatBoost asks for Ctrl-C through a pointer of the whole process, which the end of any other training
# clears: of two at once, one sooner or later calls nothing and ends the process.
_ONE_AT_A_TIME = Lock()
_SELDOM = 10**6  # seconds between two snapshots; the last is written when the trees are grown

_FIXED: Mapping[str, Any] = {
    "loss_function": "Logloss",
    "grow_policy": "SymmetricTree",
    "boosting_type": "Plain",
    "leaf_estimation_iterations": 10,  # left to itself, it takes 1 below 200 trees and 10 from there on
    "model_shrink_rate": 0,  # shrinking would change the trees that are grown already
    "nan_mode": "Min",
    "one_hot_max_size": 65_535,  # the most it takes: no category is replaced by target statistics
    "max_ctr_complexity": 1,  # left to itself, it changes at 200 trees, and a snapshot of fewer is refused
    "thread_count": 1,  # the same trees on every machine
    "allow_writing_files": True,  # snapshots
    "logging_level": "Silent",
}


@dataclass(frozen=True)
class PooledSample:
    """Rows as CatBoost takes them: numbers, and categories by the codes of their levels, a missing one having its own.

    Rows with another offset are another pool. ``base`` is the margin before the first tree; CatBoost refuses rows that
    do not ``vary``.
    """

    pool: Pool
    features: tuple[Feature, ...]
    base: float
    vary: bool

    @classmethod
    def of(cls, sample: Sample, offset: Floats | None = None) -> "PooledSample":
        """The sample's rows and weights; ``offset`` (n,) is a margin that is known already."""
        pool = _pool(sample.X, sample.features, sample.y, sample.weight, offset)
        base = sample.base if offset is None else 0.0
        return cls(pool, sample.features, base, _vary(sample.X))

    def encode(self, X: Floats) -> Pool:
        """X (n, features) of other rows."""
        return _pool(X, self.features)


def _vary(X: Floats) -> bool:
    numbers = np.clip(X, -_LIMIT, _LIMIT).astype(np.float32)
    return bool(
        (np.isnan(numbers) != np.isnan(numbers[:1])).any()
        or (np.nanmax(numbers, 0, initial=-np.inf) > np.nanmin(numbers, 0, initial=np.inf)).any()
    )


def _pool(
    X: Floats,
    features: Sequence[Feature],
    y: Floats | None = None,
    weight: Floats | None = None,
    offset: Floats | None = None,
) -> Pool:
    import catboost
    import pandas as pd

    categorical = [column for column, feature in enumerate(features) if feature.categories is not None]
    frame = pd.DataFrame(np.clip(X, -_LIMIT, _LIMIT))
    for column in categorical:
        missing = _code_of_missing(features[column])
        frame[column] = np.where(np.isnan(X[:, column]), missing, X[:, column]).astype(np.int64)
    return catboost.Pool(frame, y, cat_features=categorical, weight=weight, baseline=offset, thread_count=1)


def _code_of_missing(feature: Feature) -> int:
    """The code after that of pooled and unknown levels."""
    return len(feature.categories or ()) + 1


class GrowingSymmetricTrees:
    """Symmetric trees over pooled rows that grow as far as they are asked to; ``settings`` as CatBoost names them.

    From a snapshot CatBoost grows on as if it had never stopped.
    """

    def __init__(self, pooled: PooledSample, settings: Mapping[str, Any]) -> None:
        self.trees = 0
        self._stage = range(0)  # the trees that were added last
        self._pooled, self._settings = pooled, settings
        self._snapshot = b""
        self._model: CatBoost = None

    def grow(self, count: int) -> None:
        """Add ``count`` trees."""
        self._stage = range(self.trees, self.trees + count)
        self.trees += count
        if self._pooled.vary:
            settings = {**self._settings, "iterations": self.trees}
            self._model, self._snapshot = _trained(self._pooled.pool, settings, self._snapshot)

    def added(self, rows: Pool) -> Floats:
        """What the trees that were added last give to the margins (n,) of encoded rows; the first give the base too."""
        start = self._stage.start
        if self._model is None:
            return np.full(rows.num_row(), 0.0 if start else self._pooled.base)
        margin = self._model.predict(rows, "RawFormulaVal", ntree_start=start, ntree_end=self.trees, thread_count=1)
        return np.asarray(margin, dtype=np.float64)

    def over_codes(self) -> LightGBMBooster:
        """The trees as LightGBM's, over the codes of the feature matrix."""
        import lightgbm

        width = len(self._pooled.features)
        if self._model is None:
            text = _model_text(width, [_Writer.of(_Leaf(self._pooled.base, 1)).fields()])
        else:
            text = lightgbm_text(self._model, self._pooled, self.trees)
        return lightgbm.Booster(model_str=text)


def _trained(pool: Pool, settings: Mapping[str, Any], snapshot: bytes) -> tuple[CatBoost, bytes]:
    """The model that goes on from a snapshot, which is empty for none, and a snapshot of it; CatBoost keeps files."""
    import catboost

    average = pool.get_baseline().size == 0
    with TemporaryDirectory() as directory:
        path = Path(directory, "snapshot")
        if snapshot:
            path.write_bytes(snapshot)
        model = catboost.CatBoost({**settings, **_FIXED, "boost_from_average": average, "train_dir": directory})
        with _ONE_AT_A_TIME:
            model.fit(pool, save_snapshot=True, snapshot_file=path.name, snapshot_interval=_SELDOM)
        return model, path.read_bytes()


def lightgbm_text(model: CatBoost, pooled: PooledSample, trees: int) -> str:
    """The first ``trees`` trees of a model of pooled rows, written as LightGBM's, which give the same margins."""
    written = _exported(model, pooled.pool)
    reader = _Splits.of(written["features_info"], pooled.features)
    bias = float(written["scale_and_bias"][1][0])
    return _model_text(
        len(pooled.features),
        [
            _tree(tree, reader, 0.0 if number else bias)
            for number, tree in enumerate(written["oblivious_trees"][:trees])
        ],
    )


def _exported(model: CatBoost, pool: Pool) -> dict[str, Any]:
    """CatBoost's model as JSON, which it writes to files only, with the hashes of the pool's levels."""
    with TemporaryDirectory() as directory:
        path = Path(directory, "model.json")
        model.save_model(str(path), format="json", pool=pool)
        written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return written


@dataclass(frozen=True)
class _Number:
    """A split that sends numbers above ``bound`` to the second branch, and the others and NaN to the first."""

    column: int
    bound: float


@dataclass(frozen=True)
class _Level:
    """A split that sends a level to the second branch and the others to the first; ``codes`` are 0 to the missing."""

    column: int
    code: int
    missing: int


_Split: TypeAlias = _Number | _Level


@dataclass(frozen=True)
class _Splits:
    """What the splits in CatBoost's JSON mean for the columns of the feature matrix; ``codes`` of levels by hash."""

    numbers: tuple[int, ...]
    categories: tuple[int, ...]
    features: tuple[Feature, ...]
    codes: Mapping[int, int]

    @classmethod
    def of(cls, info: Mapping[str, Any], features: tuple[Feature, ...]) -> "_Splits":
        numbers, categories = (
            tuple(int(entry["flat_feature_index"]) for entry in info.get(kind, ()))
            for kind in ("float_features", "categorical_features")
        )
        codes = {int(entry["hash"]): int(entry["value"]) for entry in info.get("cat_features_hash") or ()}
        return cls(numbers, categories, features, codes)

    def read(self, split: Mapping[str, Any]) -> _Split:
        if split["split_type"] == "FloatFeature":
            return _Number(self.numbers[split["float_feature_index"]], _last_not_above(split["border"]))
        column = self.categories[split["cat_feature_index"]]
        hashed = split["value"] % 2**32  # signed in a split, unsigned in the table of hashes
        return _Level(column, self.codes[hashed], _code_of_missing(self.features[column]))


def _last_not_above(border: float) -> float:
    """The greatest number that is not above the border as float32."""
    low = np.float32(border)
    middle = (float(low) + float(np.nextafter(low, np.float32(np.inf)))) / 2
    return middle if np.float32(middle) == low else float(np.nextafter(middle, -np.inf))


@dataclass(frozen=True)
class _Leaf:
    value: float
    cover: int


@dataclass(frozen=True)
class _Node:
    """``first`` are the rows for which the split does not hold."""

    split: _Split
    first: "_Leaf | _Node"
    second: "_Leaf | _Node"
    cover: int


def _tree(tree: Mapping[str, Any], reader: _Splits, bias: float) -> dict[str, str]:
    """The fields of LightGBM's block for one of CatBoost's trees."""
    weights = np.array(tree["leaf_weights"], dtype=np.float64)
    # A leaf without rows has a unit too: SHAP values divide by the cover of a node.
    cover = np.maximum(1, np.rint(weights / max(weights.sum(), np.finfo(float).tiny) * _COVER)).astype(np.int64)
    leaves = [_Leaf(bias + value, int(units)) for value, units in zip(tree["leaf_values"], cover, strict=True)]
    return _Writer.of(_branch([reader.read(split) for split in tree.get("splits") or ()], leaves, ())).fields()


def _branch(
    splits: Sequence[_Split], leaves: Sequence[_Leaf], passed: tuple[tuple[_Split, bool], ...]
) -> _Leaf | _Node:
    """The tree of these splits without those that decide nothing after what has ``passed`` above them.

    Leaf ``i`` is where the k-th split holds if bit k of ``i`` is set.
    """
    if not splits:
        return leaves[0]
    split, known = splits[0], _known(splits[0], passed)
    if known is not None:
        return _branch(splits[1:], leaves[int(known) :: 2], passed)
    first, second = (_branch(splits[1:], leaves[side::2], (*passed, (split, bool(side)))) for side in (0, 1))
    cover = first.cover + second.cover
    if isinstance(first, _Leaf) and isinstance(second, _Leaf) and first.value == second.value:
        return _Leaf(first.value, cover)
    return _Node(split, first, second, cover)


def _known(split: _Split, passed: Sequence[tuple[_Split, bool]]) -> bool | None:
    """Whether a split holds, as far as the splits above it tell."""
    for above, held in passed:
        if above.column != split.column:
            continue
        if isinstance(above, _Number) and isinstance(split, _Number):
            if held and split.bound <= above.bound:
                return True
            if not held and split.bound >= above.bound:
                return False
        elif isinstance(above, _Level) and isinstance(split, _Level):
            if above.code == split.code:
                return held
            if held:
                return False
    return None


@dataclass
class _Writer:
    """Nodes and leaves of one tree in the order in which LightGBM numbers them."""

    columns: list[int] = field(default_factory=list)
    thresholds: list[str] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    node_covers: list[int] = field(default_factory=list)
    bounds: list[int] = field(default_factory=lambda: [0])
    words: list[int] = field(default_factory=list)
    leaves: list[_Leaf] = field(default_factory=list)

    @classmethod
    def of(cls, tree: _Leaf | _Node) -> "_Writer":
        writer = cls()
        writer.add(tree)
        return writer

    def add(self, branch: _Leaf | _Node) -> int:
        """The number of a branch as a child."""
        if isinstance(branch, _Leaf):
            self.leaves.append(branch)
            return ~(len(self.leaves) - 1)
        number = len(self.columns)
        self.columns.append(branch.split.column)
        self.node_covers.append(branch.cover)
        self.children.append([])
        left, right = self._split(branch)
        self.children[number] += [self.add(left), self.add(right)]
        return number

    def _split(self, node: _Node) -> tuple[_Leaf | _Node, _Leaf | _Node]:
        """Write how a node splits; its left and right branches."""
        split = node.split
        if isinstance(split, _Number):
            self.thresholds.append(f"{split.bound:.17g}")
            self.decisions.append(_NAN_LEFT)
            return node.first, node.second
        self.thresholds.append(str(len(self.bounds) - 1))
        self.decisions.append(CATEGORICAL)
        # What is missing is never in a set: splitting it off is splitting off all the levels.
        if split.code == split.missing:
            self._add_set(range(split.missing))
            return node.first, node.second
        self._add_set([split.code])
        return node.second, node.first

    def _add_set(self, codes: Sequence[int]) -> None:
        words = [0] * (max(codes) // WORD + 1)
        for code in codes:
            words[code // WORD] |= 1 << code % WORD
        self.words += words
        self.bounds.append(len(self.words))

    def fields(self) -> dict[str, str]:
        """The tree as LightGBM writes it."""
        leaves = {
            "num_leaves": str(len(self.leaves)),
            "num_cat": str(len(self.bounds) - 1),
            "leaf_value": _listed(f"{leaf.value:.17g}" for leaf in self.leaves),
        }
        if not self.columns:
            return leaves
        sets = {"cat_boundaries": _listed(self.bounds), "cat_threshold": _listed(self.words)}
        return {
            **leaves,
            "split_feature": _listed(self.columns),
            "threshold": _listed(self.thresholds),
            "decision_type": _listed(self.decisions),
            "left_child": _listed(left for left, _ in self.children),
            "right_child": _listed(right for _, right in self.children),
            "leaf_count": _listed(leaf.cover for leaf in self.leaves),
            "internal_count": _listed(self.node_covers),
            **(sets if len(self.bounds) > 1 else {}),
        }


def _listed(values: Any) -> str:  # noqa: ANN401
    return " ".join(str(value) for value in values)


def _model_text(width: int, trees: Sequence[Mapping[str, str]]) -> str:
    blocks = [write_tree({"Tree": str(number), **fields}) for number, fields in enumerate(trees)]
    return str(ModelText(_header(width), (), END).with_trees(blocks))


def _header(width: int) -> str:
    names = _listed(f"Column_{column}" for column in range(width))
    return "\n".join(
        [
            "tree",
            "version=v4",
            "num_class=1",
            "num_tree_per_iteration=1",
            "label_index=0",
            f"max_feature_idx={width - 1}",
            "objective=binary sigmoid:1",
            f"feature_names={names}",
            f"feature_infos={_listed(['none'] * width)}",
            "tree_sizes=",
        ]
    )
