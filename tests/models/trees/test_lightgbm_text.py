import re

import pytest

from models.trees.lightgbm_text import ModelText, read_fields, weighted_sum, write_tree
from tests.models.problems import booster_text

TEXT = booster_text()


def test_the_pieces_put_together_are_the_text() -> None:
    assert str(ModelText.parse(TEXT)) == TEXT


def test_a_tree_is_written_as_it_was_read() -> None:
    model = ModelText.parse(TEXT)
    assert str(model.with_trees([write_tree(read_fields(tree)) for tree in model.trees])) == TEXT


def test_the_header_announces_the_sizes_of_other_trees() -> None:
    model = ModelText.parse(TEXT)
    shorter = model.with_trees(model.trees[:2])
    assert read_fields(shorter.header)["tree_sizes"] == f"{len(model.trees[0])} {len(model.trees[1])}"
    assert ModelText.parse(str(shorter)) == shorter


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "it is cut off, or is not a model"),
        (TEXT[: TEXT.index("end of trees")], "it is cut off, or is not a model"),
        (re.sub("shrinkage=0.05", "shrinkage=", TEXT, count=1), r"tree \d+ is not where it should be"),
    ],
    ids=["JSON", "no end", "a piece is lost"],
)
def test_a_damaged_text_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ModelText.parse(text)


def test_a_sum_of_one_model_has_its_trees() -> None:
    model = ModelText.parse(TEXT)
    assert ModelText.parse(weighted_sum([TEXT], [1.0])) == ModelText(model.header, model.trees, "end of trees\n")
