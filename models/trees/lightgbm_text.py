"""LightGBM's text of a model: a header, a blank line, a block for each tree, and an end that nothing here reads.

Header and blocks are lines of ``key=value``. The header announces how long each block is (``tree_sizes``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

CATEGORICAL = 1  # the bit of a decision type that says that a node splits by a set of categories
WORD = 32  # categories in a word of such a set

_SIZES = re.compile(r"^tree_sizes=([\d ]*)$", re.MULTILINE)
END = "end of trees\n"


@dataclass(frozen=True)
class ModelText:
    """The pieces of a text: ``str`` puts them together again, byte for byte."""

    header: str
    trees: tuple[str, ...]
    rest: str

    @classmethod
    def parse(cls, text: str) -> "ModelText":
        """Raises ValueError where a tree does not have the size announced: LightGBM would read beyond the text."""
        header, _, body = text.partition("\n\n")
        announced = _SIZES.search(header)
        ends = list(accumulate(map(int, announced[1].split() if announced else []), initial=0))
        trees = tuple(body[begin:end] for begin, end in pairwise(ends))
        for number, tree in enumerate(trees):
            if not tree.startswith(f"Tree={number}\n"):
                raise ValueError(f"tree {number} is not where it should be")
        if announced is None or not body.startswith(END, ends[-1]):
            raise ValueError("it is cut off, or is not a model")
        return cls(header, trees, body[ends[-1] :])

    def __str__(self) -> str:
        return f"{self.header}\n\n{''.join(self.trees)}{self.rest}"

    def with_trees(self, trees: Sequence[str]) -> "ModelText":
        """The same model with other trees, whose sizes the header announces."""
        sizes = " ".join(str(len(tree)) for tree in trees)
        return ModelText(_SIZES.sub(f"tree_sizes={sizes}", self.header), tuple(trees), self.rest)


def read_fields(block: str) -> dict[str, str]:
    """The values of a header or tree by key."""
    return dict(line.partition("=")[::2] for line in block.strip().split("\n"))


def write_tree(fields: Mapping[str, str]) -> str:
    """The block of a tree."""
    return "".join(f"{key}={value}\n" for key, value in fields.items()) + "\n\n"


def weighted_sum(texts: Sequence[str], weights: Sequence[float]) -> str:
    """One model whose margin is ``sum(weights[k] * margin[k])`` of several: their trees together, leaves scaled.

    The first model's header goes for all; the training parameters and importances after the trees are left out.
    """
    models = [ModelText.parse(text) for text in texts]
    # The last model's trees come first, as LightGBM merges models: the order decides the last bits of a margin.
    in_order = reversed(list(zip(models, weights, strict=True)))
    scaled = [(tree, weight) for model, weight in in_order for tree in model.trees]
    trees = [_scaled_tree(tree, weight, number) for number, (tree, weight) in enumerate(scaled)]
    return str(ModelText(models[0].header, (), END).with_trees(trees))


def _scaled_tree(tree: str, weight: float, number: int) -> str:
    fields = read_fields(tree)
    values = " ".join(f"{weight * float(value):.17g}" for value in fields["leaf_value"].split())
    return write_tree(fields | {"Tree": str(number), "leaf_value": values})
