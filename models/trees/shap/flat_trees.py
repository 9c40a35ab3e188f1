"""The trees of a LightGBM model as flat arrays, read from LightGBM's own text."""

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from features.arrays import Floats, Integers
from features.signatures import FLOATS, INTEGERS, compiled
from models.trees.lightgbm_text import CATEGORICAL, WORD, ModelText, read_fields

DEFAULT_LEFT, MISSING_ZERO, MISSING_NAN = 2, 1, 2  # further bits of LightGBM's decision type
ZERO = float(np.float32(1e-35))  # LightGBM takes a number this close to 0 for 0


class UnsupportedTreesError(ValueError):
    """LightGBM can explain these trees, and this package cannot: says what is in the way."""


class Trees(NamedTuple):
    """t trees with m inner nodes and l leaves in all, numbered tree after tree.

    A child is the number of an inner node, or ``~leaf``. ``cover`` counts the training rows. ``threshold`` holds the
    number of a numeric split; the words of a set of categories are ``words[set_begin:set_end]``, 32 categories each.
    """

    node_start: Integers  # (t + 1,)
    leaf_start: Integers  # (t + 1,)
    feature: Integers  # (m,)
    threshold: Floats  # (m,)
    decision: Integers  # (m,)
    left: Integers  # (m,)
    right: Integers  # (m,)
    node_cover: Floats  # (m,)
    set_begin: Integers  # (m,)
    set_end: Integers  # (m,)
    words: Integers
    leaf_value: Floats  # (l,)
    leaf_cover: Floats  # (l,)


TREES = types.BaseTuple.from_types(
    [INTEGERS, INTEGERS, INTEGERS, FLOATS, INTEGERS, INTEGERS, INTEGERS, FLOATS, INTEGERS, INTEGERS, INTEGERS, FLOATS,
     FLOATS],
    Trees,
)  # fmt: skip


def read_trees(text: str) -> Trees:
    """The trees of a LightGBM model of one output.

    Raises UnsupportedTreesError where leaves are no constants, the trees are averaged, or there are several outputs.
    """
    model = ModelText.parse(text)
    header, trees = read_fields(model.header), [read_fields(tree) for tree in model.trees]
    if header["num_tree_per_iteration"] != "1" or "average_output" in header:
        raise UnsupportedTreesError("several outputs, or trees that are averaged")
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise UnsupportedTreesError("leaves that are linear functions")
    leaves = np.array([int(tree["num_leaves"]) for tree in trees], dtype=np.int64)
    node_start, leaf_start = _starts(leaves - 1), _starts(leaves)
    node_tree = np.repeat(np.arange(len(trees)), leaves - 1)
    decision, threshold = _joined(trees, "decision_type", np.int64), _joined(trees, "threshold", np.float64)
    set_begin, set_end, words = _sets(trees, node_tree, decision, threshold)
    return Trees(
        node_start, leaf_start, _joined(trees, "split_feature", np.int64), threshold, decision,
        _children(trees, "left_child", node_start[node_tree], leaf_start[node_tree]),
        _children(trees, "right_child", node_start[node_tree], leaf_start[node_tree]),
        _joined(trees, "internal_count", np.float64), set_begin, set_end, words,
        _joined(trees, "leaf_value", np.float64), _joined(trees, "leaf_count", np.float64, "1"),
    )  # fmt: skip


def base_margin(trees: Trees) -> float:
    """The mean margin of the training rows: what the margin is before anything is known."""
    total = 0.0
    for begin, end in zip(trees.leaf_start[:-1], trees.leaf_start[1:], strict=True):
        cover = trees.leaf_cover[begin:end]
        # LightGBM counts no rows in a tree that is one leaf.
        share = cover / cover.sum() if cover.any() else 1.0
        total += float((share * trees.leaf_value[begin:end]).sum())
    return total


def _starts(sizes: Integers) -> Integers:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _joined(trees: list[dict[str, str]], key: str, dtype: Any, single: str = "") -> NDArray[Any]:  # noqa: ANN401
    """The numbers of all trees under a key, one after the other; ``single`` for a tree of one leaf that lacks them."""
    return np.array(" ".join(tree.get(key) or single for tree in trees).split(), dtype=dtype)


def _children(trees: list[dict[str, str]], key: str, first_node: Integers, first_leaf: Integers) -> Integers:
    child = _joined(trees, key, np.int64)
    return np.where(child >= 0, child + first_node, child - first_leaf)


def _sets(
    trees: list[dict[str, str]], node_tree: Integers, decision: Integers, threshold: Floats
) -> tuple[Integers, Integers, Integers]:
    """Begin and end of each node's set of categories among all the words, and the words."""
    bounds = [np.array(tree.get("cat_boundaries", "0").split(), dtype=np.int64) for tree in trees]
    words = _joined(trees, "cat_threshold", np.int64)
    bound_start = _starts(np.array([bound.size for bound in bounds], dtype=np.int64))
    word_start = _starts(np.array([bound[-1] for bound in bounds], dtype=np.int64))
    by_set = (decision & CATEGORICAL) == CATEGORICAL
    bound = np.concatenate([np.zeros(1, np.int64), *bounds])
    place = np.where(by_set, threshold, 0.0).astype(np.int64) + bound_start[node_tree] + 1
    first = word_start[node_tree]
    ends = np.minimum(place + 1, bound.size - 1)
    return (
        np.where(by_set, bound[np.minimum(place, bound.size - 1)] + first, 0),
        np.where(by_set, bound[ends] + first, 0),
        words,
    )


@compiled(types.boolean(types.float64, TREES, types.int64))
def goes_left(x: float, trees: Trees, node: int) -> bool:
    """Which way LightGBM sends a value at a node."""
    if trees.decision[node] & CATEGORICAL:
        if np.isnan(x) or x <= -1.0 or x >= WORD * (trees.set_end[node] - trees.set_begin[node]):
            return False
        category = int(x)
        word = trees.words[trees.set_begin[node] + category // WORD]
        return bool((word >> (category % WORD)) & 1 == 1)
    missing = (trees.decision[node] >> 2) & 3
    if np.isnan(x) and missing != MISSING_NAN:
        x = 0.0
    if np.isnan(x) or (missing == MISSING_ZERO and abs(x) <= ZERO):
        return bool((trees.decision[node] & DEFAULT_LEFT) != 0)
    return bool(x <= trees.threshold[node])
