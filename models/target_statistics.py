"""Target statistics: a category as the share of its leads that were won.

The statistic of a training row comes from the leads of other folds, so that it does not hold the row's own outcome
(Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes", 2001; out of fold as in
Prokhorenkova et al., "CatBoost", 2018). What trees learn of it is an order of the levels, and a split on it is a set of
levels: so the grown trees are written anew with such sets, and whoever reads them needs no statistics.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.records import Floats
from models.folds import group_folds
from models.sample import Sample

FEWEST_LEVELS = 3  # with fewer a set of levels says no less
_PRIOR = 10.0  # leads of the base rate that are added to each level
_FOLDS = 5
_CATEGORICAL = 1  # LightGBM's decision type of a split by a set of categories
_WORD = 32  # bits in a word of such a set


@dataclass(frozen=True)
class Encoded:
    """X (n, features) with statistics in place of codes, and for each such column the statistic of every code.

    A table's last entry is that of a missing value, the one before that of pooled and unknown levels.
    """

    X: Floats
    tables: Mapping[int, Floats]


def encode(sample: Sample) -> Encoded:
    """Replace the codes of each column with at least three levels by out-of-fold target statistics."""
    X, tables = sample.X.copy(), {}
    folds = list(group_folds(sample.y, sample.group, _FOLDS, sample.seed))
    for column in sample.categorical:
        levels = len(sample.features[column].categories or ())
        if levels < FEWEST_LEVELS:
            continue
        codes = _codes(sample.X[:, column], levels)
        tables[column] = _table(codes, sample.y, sample.weight, levels)
        for fold in folds:
            table = _table(codes[fold.train], sample.y[fold.train], sample.weight[fold.train], levels)
            X[fold.held_out, column] = table[codes[fold.held_out]]
    return Encoded(X, tables)


def _codes(values: Floats, levels: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.where(np.isnan(values), levels + 1, values).astype(np.int64)


def _table(codes: np.ndarray[tuple[int], np.dtype[np.int64]], y: Floats, weight: Floats, levels: int) -> Floats:
    rate = np.average(y, weights=weight)
    won = np.bincount(codes, weights=weight * y, minlength=levels + 2)
    return np.asarray((won + _PRIOR * rate) / (np.bincount(codes, weights=weight, minlength=levels + 2) + _PRIOR))


def with_sets(text: str, tables: Mapping[int, Floats]) -> str:
    """A LightGBM model over statistics, rewritten to one over the codes; margins and SHAP values stay the same."""
    header, _, rest = text.partition("\n\n")
    sizes = [int(size) for size in re.findall(r"^tree_sizes=([\d ]*)$", header, re.MULTILINE)[0].split()]
    ends = np.cumsum(sizes)
    trees = [_rewritten(rest[end - size : end], tables) for size, end in zip(sizes, ends, strict=True)]
    told = "tree_sizes=" + " ".join(str(len(tree)) for tree in trees)
    header = re.sub(r"^tree_sizes=[\d ]*$", told, header, flags=re.MULTILINE)
    return f"{header}\n\n{''.join(trees)}{rest[ends[-1] if sizes else 0 :]}"


def _rewritten(tree: str, tables: Mapping[int, Floats]) -> str:
    fields = dict(line.partition("=")[::2] for line in tree.strip().split("\n"))
    if not fields.get("split_feature"):
        return tree  # a single leaf
    nodes = _Nodes.of(fields)
    for node, column in enumerate(nodes.feature):
        if column in tables and not int(nodes.decision[node]) & _CATEGORICAL:
            nodes.split_by_set(node, tables[column])
    return "".join(f"{name}={value}\n" for name, value in (fields | nodes.fields()).items()) + "\n\n"


@dataclass
class _Nodes:
    """The splits of one tree, as LightGBM writes them; ``bounds`` and ``words`` hold the sets of categories."""

    feature: list[int]
    threshold: list[str]
    decision: list[str]
    left: list[str]
    right: list[str]
    bounds: list[int]
    words: list[int]

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "_Nodes":
        return cls(
            [int(column) for column in fields["split_feature"].split()],
            fields["threshold"].split(),
            fields["decision_type"].split(),
            fields["left_child"].split(),
            fields["right_child"].split(),
            [int(bound) for bound in fields.get("cat_boundaries", "0").split()],
            [int(word) for word in fields.get("cat_threshold", "").split()],
        )

    def split_by_set(self, node: int, table: Floats) -> None:
        """Send the levels to where their statistic goes; what is in no set, such as a missing value, goes right."""
        goes_left = table <= float(self.threshold[node])
        if goes_left[-1]:
            goes_left = ~goes_left
            self.left[node], self.right[node] = self.right[node], self.left[node]
        self.threshold[node], self.decision[node] = str(len(self.bounds) - 1), str(_CATEGORICAL)
        self.words += _words(np.flatnonzero(goes_left[:-1]).tolist())
        self.bounds.append(len(self.words))

    def fields(self) -> dict[str, str]:
        sets = {"cat_boundaries": _listed(self.bounds), "cat_threshold": _listed(self.words)}
        return {
            "num_cat": str(len(self.bounds) - 1),
            "threshold": _listed(self.threshold),
            "decision_type": _listed(self.decision),
            "left_child": _listed(self.left),
            "right_child": _listed(self.right),
        } | (sets if len(self.bounds) > 1 else {})


def _words(codes: Sequence[int]) -> list[int]:
    words = [0] * (max(codes, default=0) // _WORD + 1)
    for code in codes:
        words[code // _WORD] |= 1 << code % _WORD
    return words


def _listed(values: Sequence[object]) -> str:
    return " ".join(str(value) for value in values)
