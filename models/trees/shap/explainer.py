"""Exact path-dependent SHAP values of a LightGBM model, from tables made once."""

from dataclasses import dataclass
from threading import local

import numpy as np

from data_contracts.threads import each_of
from features.arrays import Floats
from models.trees.shap.bins import MAX_CODES, Bins, bins_of, branches_of
from models.trees.shap.flat_trees import UnsupportedTreesError, base_margin, read_trees
from models.trees.shap.kernels import RowIndex, Scratch, by_feature, explain_block, explain_row, new_scratch
from models.trees.shap.subtrees import MAX_PATH, groups_of, parents_of
from models.trees.shap.tables import Index, Tables, tables_of

_ROWS_AT_ONCE = 2_048  # so many that reading a table costs less than using it, so few that the sums stay in the cache
_MAX_BRANCHES = 200_000_000  # bytes that tell for each node where each code of its feature goes
_FEW_ROWS = 64  # fewer are explained one by one


class _PerThread(local):
    """Scratch memory of each thread."""

    scratch: Scratch | None = None


@dataclass(frozen=True)
class TreeShap:
    """The margin of a LightGBM model and its SHAP values, as LightGBM's ``pred_contrib`` gives them.

    The values are those of Lundberg et al. 2020 ("From local explanations to global understanding with explainable AI
    for trees", algorithm 1, tree_path_dependent). How a leaf's value is shared out depends on which features take all
    turns of its path, and on nothing else of the row, so it can be tabulated (Yang 2021, "Fast TreeSHAP: accelerating
    SHAP value computation for trees", version 2; Nadel and Wettenstein 2025, "From decision trees to Boolean logic: a
    fast and unified SHAP algorithm", WOODELF). Here the leaves of a whole subtree share one table, whose row is found
    by adding up one step per feature; subtrees.py tells which. A leaf whose path holds too many features for
    a table is computed on the spot. The margin has the bits of LightGBM's, a row the same bits alone and in a batch.
    """

    base: float
    width: int
    _bins: Bins
    _index: Index
    _tables: Tables
    _row_index: RowIndex
    _per_thread: _PerThread

    @classmethod
    def of(cls, text: str, width: int) -> "TreeShap":
        """The tables of the model that ``lightgbm.Booster.model_to_string`` gives, over ``width`` features.

        Raises UnsupportedTreesError for linear or averaged trees, several outputs, more than 64 features on a path,
        about 65,000 thresholds of one feature, or so many nodes and thresholds that tables of them would fill memory.
        """
        trees = read_trees(text)
        bins = bins_of(trees, width)
        if bins.codes.max(initial=0) > MAX_CODES:
            raise UnsupportedTreesError(f"more than {MAX_CODES - 2} thresholds of one feature")
        if bins.codes[trees.feature].sum() > _MAX_BRANCHES:
            raise UnsupportedTreesError("very many thresholds of features that very many nodes split by")
        branches, parents = branches_of(trees, bins), parents_of(trees)
        groups = groups_of(trees, bins, branches, parents)
        if groups.features.max(initial=0) > MAX_PATH:
            raise UnsupportedTreesError(f"more than {MAX_PATH} features on a path")
        index, tables = tables_of(trees, bins, branches, parents, groups)
        row_index = by_feature(index, tables, bins)
        return cls(base_margin(trees), width, bins, index, tables, row_index, _PerThread())

    def explain(self, X: Floats) -> tuple[Floats, Floats]:
        """Margins (n,) and SHAP values (n, width + 1) in log-odds, base last, of X (n, width)."""
        rows = np.ascontiguousarray(X, dtype=np.float64)
        margin, values = np.empty(len(rows)), np.empty((len(rows), self.width + 1))
        values[:, -1] = self.base
        if len(rows) < _FEW_ROWS:
            for i in range(len(rows)):
                margin[i] = self.explain_row(rows[i], values[i, :-1])
            return margin, values

        def explain(begin: int) -> None:
            block = slice(begin, begin + _ROWS_AT_ONCE)
            explain_block(rows[block], self._bins, self._index, self._tables, margin[block], values[block])

        each_of(explain, range(0, len(rows), _ROWS_AT_ONCE))
        return margin, values

    def explain_row(self, x: Floats, out: Floats) -> float:
        """Put the SHAP values of a row x (width,) into ``out`` (width,), contiguous; the row's margin."""
        scratch = self._per_thread.scratch
        if scratch is None:
            scratch = self._per_thread.scratch = new_scratch(self.width, self._tables.deep.size)
        margin: float = explain_row(x, self._bins, self._index, self._tables, self._row_index, scratch, out)
        return margin
