"""What LightGBM's text must be before its library reads it, which takes what it finds for true.

The library follows indices out of what it holds and loops that a text makes: that ends the process, or gives a number
that means nothing. So whatever it reads of a file is looked at first.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from features.arrays import Flags, Floats, Integers
from models.log_odds import LARGEST_LOG_ODDS
from models.trees.lightgbm_text import CATEGORICAL, ModelText

MAX_TREES = 20_000
MAX_LEAVES = 1_000_000  # of all trees together
MAX_DEPTH = 64
MAX_WORDS = 64  # of a set of categories, 32 in each
_LARGEST_COUNT = 2**31

_LINE = re.compile(r"([a-z_]+)=([ -~]*)")
_HEADER: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "version": r"v[34]",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "max_feature_idx": r"\d{1,6}",
        "objective": r"binary sigmoid:1|cross_entropy|regression",
        "feature_names": r"[!-~]{1,200}( [!-~]{1,200})*",
        "monotone_constraints": r"(-1|0|1)( (-1|0|1))*",
        "feature_infos": r"[!-~]+( [!-~]+)*",
        "tree_sizes": r"(\d{1,8}( \d{1,8})*)?",
    }.items()
}
_PER_FEATURE = ("feature_names", "monotone_constraints", "feature_infos")
_NUMBERS = re.compile(r"[0-9.e+ -]*")
_BOUNDS = re.compile(r"[0-9.e+ inf-]*")  # a split of what is missing from all numbers is at infinity
_WHOLE = re.compile(r"[0-9 -]*")
_OF_NODES = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "internal_count")
_OF_SETS = ("cat_boundaries", "cat_threshold")
# What is read as whole numbers; by what each tree has as many of: inner nodes, leaves. The others are not looked into.
_WHOLES = frozenset({"split_feature", "decision_type", "left_child", "right_child", "internal_count", "leaf_count"})
_NODES = frozenset({*_OF_NODES, "split_gain", "internal_value", "internal_weight"})
_LEAVES = frozenset({"leaf_value", "leaf_count", "leaf_weight"})
_SINGLE = {"num_leaves": r"\d{1,7}", "num_cat": r"\d{1,7}", "is_linear": "0", "shrinkage": r"\d[0-9.e+-]{0,30}"}


def check_text(text: str, width: int) -> None:
    """Raises ValueError, which names the part, where a text is not what LightGBM writes of ``width`` features.

    What follows the trees is not looked at, and not read by anybody.
    """
    if not text.isascii():
        raise ValueError("it holds letters that LightGBM does not write")
    model = ModelText.parse(text)
    _check_header(model.header, width)
    trees = [_fields(tree, number) for number, tree in enumerate(_within(model.trees))]
    leaves = np.array([int(tree["num_leaves"]) for tree in trees], dtype=np.int64)
    if leaves.size and (leaves.min() < 1 or leaves.sum() > MAX_LEAVES):
        raise ValueError(f"its trees have {leaves.sum()} leaves, expected 1 to {MAX_LEAVES}")
    _check_lengths(trees, leaves)
    _check_trees([tree for tree in trees if tree["num_leaves"] != "1"], leaves[leaves > 1], width)
    if trees:
        fine = np.abs(_numbers("leaf_value", trees)) <= LARGEST_LOG_ODDS
        _require(bool(fine.all()), f"a leaf is no number up to {LARGEST_LOG_ODDS:g}")


def _within(trees: Sequence[str]) -> Sequence[str]:
    if len(trees) > MAX_TREES:
        raise ValueError(f"it has {len(trees)} trees, expected at most {MAX_TREES}")
    return trees


def _check_header(header: str, width: int) -> None:
    first, *lines = header.split("\n")
    if first != "tree":
        raise ValueError("its first line is not that of a model")
    fields = _read_lines(lines, "the header")
    for name, value in fields.items():
        if name not in _HEADER or not _HEADER[name].fullmatch(value):
            raise ValueError(f"{name} of the header is not what LightGBM writes of such a model")
    for name in _HEADER.keys() - {"monotone_constraints"} - fields.keys():
        raise ValueError(f"{name} of the header is missing")
    counts = {name: fields[name].count(" ") + 1 for name in _PER_FEATURE if name in fields}
    counts["max_feature_idx"] = int(fields["max_feature_idx"]) + 1
    for name, count in counts.items():
        if count != width:
            raise ValueError(f"{name} of the header is for {count} features, expected {width}")


def _fields(tree: str, number: int) -> dict[str, str]:
    """The values of a tree by their keys, each of which is known."""
    first, *lines = tree.split("\n")
    where = f"tree {number}"
    if first != f"Tree={number}" or lines[-3:] != ["", "", ""]:
        raise ValueError(f"{where} does not begin and end as trees do")
    fields = _read_lines(lines[:-3], where)
    for name, value in fields.items():
        if name in _SINGLE:
            fine = re.fullmatch(_SINGLE[name], value)
        elif name in _NODES | _LEAVES | {*_OF_SETS}:
            whole = name in _WHOLES or name in _OF_SETS
            fine = (_WHOLE if whole else _BOUNDS if name == "threshold" else _NUMBERS).fullmatch(value)
        else:
            raise ValueError(f"{where} has a key that LightGBM does not write")
        if not fine:
            raise ValueError(f"{name} of {where} is not what LightGBM writes")
    for name in ("num_leaves", "num_cat", "leaf_value"):
        if name not in fields:
            raise ValueError(f"{name} of {where} is missing")
    return fields


def _read_lines(lines: Sequence[str], where: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        matched = _LINE.fullmatch(line)
        if matched is None or matched[1] in fields:
            raise ValueError(f"{where} has a line that is no key with a value, or a key twice")
        fields[matched[1]] = matched[2]
    return fields


def _check_lengths(trees: Sequence[Mapping[str, str]], leaves: Integers) -> None:
    """There are as many values of each kind as the tree has nodes, leaves or sets."""
    for number, (tree, count) in enumerate(zip(trees, leaves.tolist(), strict=True)):
        sets = int(tree["num_cat"])
        needed = {"leaf_value": count}
        if count > 1:
            needed |= dict.fromkeys(_OF_NODES, count - 1) | {"leaf_count": count}
            needed |= {"cat_boundaries": sets + 1} if sets else {}
        elif sets:
            raise ValueError(f"tree {number} has sets of categories, and no nodes")
        expected = {name: needed.get(name, count - (name in _NODES)) for name in tree if name in _NODES | _LEAVES}
        for name, size in {**expected, **needed}.items():
            found = tree[name].count(" ") + 1 if tree.get(name) else 0
            if found != size and not (count == 1 and not found and name != "leaf_value"):
                raise ValueError(f"{name} of tree {number} has the length {found}, expected {size}")


def _check_trees(trees: Sequence[Mapping[str, str]], leaves: Integers, width: int) -> None:
    """Trees with inner nodes: each of them one whole tree, over features that there are."""
    if not trees:
        return
    nodes = leaves - 1
    feature, decision = _whole("split_feature", trees), _whole("decision_type", trees)
    threshold = _numbers("threshold", trees)
    _require(not (np.isnan(threshold) | np.isneginf(threshold)).any(), "a node splits at no number")
    _require(bool(((feature >= 0) & (feature < width)).all()), "a node splits by a feature that there is not")
    _require(bool(((decision >= 0) & (decision < 12)).all()), "a node decides in a way that LightGBM does not know")
    covers = [_whole("internal_count", trees), _whole("leaf_count", trees)]
    _require(bool((covers[0] > 0).all() and (covers[1] >= 0).all()), "a node was reached by no rows")
    _require(max(int(each.max()) for each in covers) < _LARGEST_COUNT, "a node was reached by too many rows")
    _check_children(_whole("left_child", trees), _whole("right_child", trees), nodes, leaves)
    _check_sets(trees, nodes, (decision & CATEGORICAL) == CATEGORICAL, threshold)


def _check_children(left: Integers, right: Integers, nodes: Integers, leaves: Integers) -> None:
    """Each node but the root and each leaf hangs on one node, which comes before it, and none lies too deep."""
    first_node, first_leaf = _starts(nodes), _starts(leaves)
    tree = np.repeat(np.arange(nodes.size), nodes)
    own = np.arange(tree.size) - first_node[tree]
    for child in (left, right):
        _require(bool((child != 0).all() and (child < nodes[tree]).all()), "a node leads to one that there is not")
        _require(bool((~child < leaves[tree]).all()), "a node leads to a leaf that there is not")
        _require(bool(((child < 0) | (child > own)).all()), "a node leads to one above it")
    child, of = np.concatenate([left, right]), np.concatenate([tree, tree])
    inner = child >= 0
    reached = np.bincount((child + first_node[of])[inner], minlength=tree.size)
    reached[first_node] += 1
    ends = np.bincount((~child + first_leaf[of])[~inner], minlength=int(leaves.sum()))
    _require(bool((reached == 1).all() and (ends == 1).all()), "nodes and leaves are not one tree")
    level, below = first_node, {side: np.where(each >= 0, each + first_node[tree], -1) for side, each in
                                (("left", left), ("right", right))}  # fmt: skip
    for _ in range(MAX_DEPTH):
        level = np.concatenate([each[level] for each in below.values()])
        level = level[level >= 0]
        if not level.size:
            return
    raise ValueError(f"a tree is deeper than {MAX_DEPTH} nodes")


def _check_sets(trees: Sequence[Mapping[str, str]], nodes: Integers, by_set: Flags, threshold: Floats) -> None:
    """Each node that splits by a set has one, and each set its words."""
    ends = [*_starts(nodes).tolist()[1:], int(nodes.sum())]
    for number, (tree, begin, end) in enumerate(zip(trees, _starts(nodes).tolist(), ends, strict=True)):
        sets, asked = int(tree["num_cat"]), threshold[begin:end][by_set[begin:end]]
        fine = bool(((asked >= 0) & (asked < sets) & (asked == np.trunc(asked))).all())
        if sets:
            bounds, words = (np.array([int(each) for each in tree.get(name, "").split()]) for name in _OF_SETS)
            size = np.diff(bounds)
            fine &= bool(bounds[0] == 0 and (size >= 0).all() and (size <= MAX_WORDS).all())
            fine &= bool(bounds[-1] == words.size and ((words >= 0) & (words < 2**32)).all())
        if not fine:
            raise ValueError(f"the sets of categories of tree {number} are not whole")


def _starts(sizes: Integers) -> Integers:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])[:-1]


def _whole(name: str, trees: Sequence[Mapping[str, str]]) -> Integers:
    return np.array(" ".join(tree[name] for tree in trees).split(" "), dtype=np.int64)


def _numbers(name: str, trees: Sequence[Mapping[str, str]]) -> Floats:
    return np.array(" ".join(tree[name] for tree in trees).split(" "), dtype=np.float64)


def _require(fine: bool, otherwise: str) -> None:
    if not fine:
        raise ValueError(otherwise)
