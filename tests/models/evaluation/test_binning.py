import numpy as np
import pytest

from features.arrays import Floats
from features.feature import Feature
from models.evaluation.binning import ColumnBins

NAN = float("nan")


def feature(categories: tuple[str, ...] | None = None) -> Feature:
    return Feature("lead.x", "demographic", "x", "", "", "", label="x", categories=categories)


@pytest.mark.parametrize(
    ("training", "x", "bins"),
    [
        (np.array([0.0, 1.0, 0.0]), [0.0, 1.0, 2.0, NAN, np.inf], [0, 1, 1, 2, 2]),
        (np.array([NAN, 5.0]), [5.0, NAN], [0, 1]),
        (np.array([NAN, NAN]), [5.0, NAN], [0, 1]),
        (np.arange(100.0), [-1.0, 0.0, 9.0, 10.0, 99.0, NAN], [0, 0, 0, 1, 9, 10]),
        (np.repeat([0.0, *range(1, 20)], [500, *[1] * 19]), [0.0, 1.0, 19.0, NAN], [0, 1, 1, 2]),
    ],
    ids=["yes or no", "one value", "nothing known", "tenths", "mostly zeros"],
)
def test_numbers_are_binned(training: Floats, x: list[float], bins: list[int]) -> None:
    column = ColumnBins.of(training, feature())
    assert column.bin(np.array(x)).tolist() == bins
    assert max(bins) == column.count - 1


def test_unknown_and_missing_categories_have_bins_of_their_own() -> None:
    column = ColumnBins.of(np.array([0.0, 1.0]), feature(("a", "b")))
    assert column.bin(np.array([0.0, 1.0, 2.0, 7.0, -1.0, NAN])).tolist() == [0, 1, 2, 2, 2, 3]
    assert column.count == 4
