"""Trees over other codes of categories, written anew as trees over the codes of the feature matrix.

LightGBM sends a missing category to the right of every split and never splits it off from all the levels together. So
trees are grown with a code of its own for what is missing, and some with target statistics in place of codes. Both are
sets of levels at a split, and a set that holds the missing value is the complement of one that does not, with the
branches exchanged: margins and SHAP values stay the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from models.samples.sample import Sample
from models.trees.lightgbm_text import CATEGORICAL, WORD, ModelText, read_fields, write_tree


def name_missing(sample: Sample, X: Floats, columns: Sequence[int]) -> tuple[Floats, dict[int, int]]:
    """X (n, features) with a code of its own for what is missing in these columns, and that code for each of them.

    The code follows that of pooled and unknown levels. Columns where nothing is missing are left as they are.
    """
    missing = {
        column: len(sample.features[column].categories or ()) + 1 for column in columns if np.isnan(X[:, column]).any()
    }
    if missing:
        X = X.copy()
    for column, code in missing.items():
        X[np.isnan(X[:, column]), column] = code
    return X, missing


def with_sets(text: str, tables: Mapping[int, Floats], missing: Mapping[int, int]) -> str:
    """A LightGBM model over statistics and codes for what is missing, rewritten to one over the codes of the matrix.

    ``tables`` hold the statistic of each code of a column, the last that of a missing value; ``missing`` the code that
    stands for a missing value in a column that was split by its codes.
    """
    model = ModelText.parse(text)
    return str(model.with_trees([_rewritten(tree, tables, missing) for tree in model.trees]))


def _rewritten(tree: str, tables: Mapping[int, Floats], missing: Mapping[int, int]) -> str:
    fields = read_fields(tree)
    if not fields.get("split_feature"):
        return tree  # a single leaf
    nodes = _Nodes.of(fields)
    for node, column in enumerate(nodes.feature):
        by_set = int(nodes.decision[node]) & CATEGORICAL
        if column in tables and not by_set:
            nodes.split_by_set(node, tables[column] <= float(nodes.threshold[node]))
        elif column in missing and by_set:
            nodes.split_by_set(node, nodes.members(node, missing[column] + 1))
    return write_tree(fields | nodes.fields())


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

    def members(self, node: int, codes: int) -> NDArray[np.bool_]:
        """Which of the codes (codes,) are in the set of a split."""
        begin, end = self.bounds[int(self.threshold[node]) :][:2]
        words = np.array([*self.words[begin:end], *[0] * codes], dtype=np.uint64)
        code = np.arange(codes, dtype=np.uint64)
        bits: NDArray[np.bool_] = (words[code // WORD] >> code % WORD & 1).astype(np.bool_)
        return bits

    def split_by_set(self, node: int, goes_left: NDArray[np.bool_]) -> None:
        """Send the codes to the left or right, the last of them being what is missing: that is never in a set."""
        if goes_left[-1]:
            goes_left = ~goes_left
            self.left[node], self.right[node] = self.right[node], self.left[node]
        self.threshold[node], self.decision[node] = str(len(self.bounds) - 1), str(CATEGORICAL)
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
    words = [0] * (max(codes, default=0) // WORD + 1)
    for code in codes:
        words[code // WORD] |= 1 << code % WORD
    return words


def _listed(values: Sequence[object]) -> str:
    return " ".join(str(value) for value in values)
