import gc
import pickle

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data_contracts.errors import ArtifactError
from features.arrays import Floats
from models.trees.booster import Booster
from models.trees.lightgbm_text import weighted_sum
from models.trees.training import TreeParameters
from tests.models.problems import FEATURES, LEVELS, booster_text, matrix

TEXT = booster_text()
ONE_LEAF = booster_text(parameters=TreeParameters(7, trees=3, min_leads=10_000))
WIDTH = len(FEATURES)
ROWS = arrays(np.float64, st.tuples(st.integers(1, 30), st.just(WIDTH)), elements=st.floats(width=64))


def peculiar() -> Floats:
    """Rows of missing, infinite, huge and unknown values."""
    X = matrix(40, seed=9, missing=0.3)
    X[0] = np.nan
    X[1], X[2] = np.inf, -np.inf
    X[3], X[4] = 1e300, -1e300
    X[5, -2:], X[6, -2:], X[7, -2:] = LEVELS, LEVELS + 50, -1
    X[8, -2:] = 1.5
    return X


@pytest.mark.parametrize("text", [TEXT, ONE_LEAF], ids=["trees", "one leaf"])
@pytest.mark.parametrize("X", [matrix(500, seed=3), peculiar(), matrix(2_500, seed=4)], ids=["few", "peculiar", "many"])
def test_the_margin_is_lightgbms_bit_for_bit(text: str, X: Floats) -> None:
    expected = lightgbm.Booster(model_str=text).predict(X, raw_score=True, num_threads=1)
    np.testing.assert_array_equal(Booster(text).margin(X), expected)


@pytest.mark.parametrize("text", [TEXT, ONE_LEAF], ids=["trees", "one leaf"])
@pytest.mark.parametrize("X", [matrix(200, seed=3), peculiar()], ids=["few", "peculiar"])
def test_contributions_are_lightgbms_and_add_up(text: str, X: Floats) -> None:
    booster = Booster(text)
    contributions = booster.contributions(X)
    expected = lightgbm.Booster(model_str=text).predict(X, pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(contributions, expected, atol=1e-6, rtol=0)
    np.testing.assert_allclose(contributions.sum(axis=1), booster.margin(X), atol=1e-9, rtol=0)


def test_one_leaf_contributes_nothing_but_its_base() -> None:
    assert "num_leaves=1\n" in ONE_LEAF
    booster = Booster(ONE_LEAF)
    assert not booster.contributions(peculiar())[:, :-1].any()
    assert len(np.unique(booster.margin(peculiar()))) == 1


@given(ROWS, st.data())
def test_a_row_alone_has_the_bits_of_the_row_in_a_batch(X: Floats, data: st.DataObject) -> None:
    booster, row = Booster(TEXT), data.draw(st.integers(0, len(X) - 1))
    np.testing.assert_array_equal(booster.margin(X[row : row + 1]), booster.margin(X)[row : row + 1])
    np.testing.assert_array_equal(booster.contributions(X[row : row + 1])[0], booster.contributions(X)[row])


def test_many_threads_give_the_bits_of_one() -> None:
    booster, X = Booster(TEXT), matrix(2_500, seed=4)
    parts = [booster.margin(part) for part in np.array_split(X, 5)]
    np.testing.assert_array_equal(booster.margin(X), np.concatenate(parts))


@pytest.mark.parametrize("X", [np.asfortranarray(matrix(50)), matrix(100)[::2], matrix(50).astype(np.float32)])
def test_the_layout_of_the_matrix_does_not_matter(X: Floats) -> None:
    booster = Booster(TEXT)
    np.testing.assert_array_equal(booster.margin(X), booster.margin(np.array(X, dtype=np.float64, order="C")))


def test_no_rows_give_no_rows() -> None:
    none = np.empty((0, WIDTH))
    assert Booster(TEXT).margin(none).shape == (0,)
    assert Booster(TEXT).contributions(none).shape == (0, WIDTH + 1)


@pytest.mark.parametrize("shape", [(3, WIDTH - 1), (3, WIDTH + 1), (WIDTH,)])
def test_a_matrix_of_another_width_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"expected \(n, {WIDTH}\)"):
        Booster(TEXT).margin(np.zeros(shape))


@pytest.mark.parametrize("counts", [(30,), (30, 30), (30, 5, 60, 12)])
def test_a_weighted_sum_has_the_sum_of_margins_and_of_contributions(counts: tuple[int, ...]) -> None:
    texts = [booster_text(seed, parameters=TreeParameters(7, trees=count)) for seed, count in enumerate(counts)]
    weights = [0.7, 0.2, 1.3, 0.05][: len(counts)]
    summed, X = Booster(weighted_sum(texts, weights)), np.vstack([matrix(200, seed=3), peculiar()])
    boosters = [Booster(text) for text in texts]
    margin = sum(weight * each.margin(X) for weight, each in zip(weights, boosters, strict=True))
    np.testing.assert_allclose(summed.margin(X), margin, atol=1e-12)
    contributions = sum(weight * each.contributions(X) for weight, each in zip(weights, boosters, strict=True))
    np.testing.assert_allclose(summed.contributions(X), contributions, atol=1e-9)


def test_a_booster_of_one_leaf_can_be_added() -> None:
    X = peculiar()
    expected = 0.3 * Booster(ONE_LEAF).margin(X) + 0.7 * Booster(TEXT).margin(X)
    np.testing.assert_allclose(Booster(weighted_sum([ONE_LEAF, TEXT], [0.3, 0.7])).margin(X), expected, atol=1e-12)


def test_a_weighted_sum_leaves_its_parts_as_they_were() -> None:
    first = Booster(TEXT)
    before = first.margin(peculiar())
    weighted_sum([TEXT, booster_text(1)], [0.5, 0.5])
    np.testing.assert_array_equal(first.margin(peculiar()), before)


def test_a_pickled_booster_says_the_same() -> None:
    booster = Booster(TEXT)
    again = pickle.loads(pickle.dumps(booster))
    assert again == booster
    np.testing.assert_array_equal(again.margin(peculiar()), booster.margin(peculiar()))


def test_a_booster_outlives_others_of_the_same_text() -> None:
    kept = Booster(TEXT)
    expected = kept.margin(peculiar())
    for _ in range(5):
        Booster(TEXT)
    gc.collect()
    np.testing.assert_array_equal(kept.margin(peculiar()), expected)


DAMAGED = {
    "empty": "",
    "only a beginning": "tree\n",
    "JSON": "{}",
    "no trees": TEXT[:200],
    "cut in a tree": TEXT[: len(TEXT) // 3],
    "cut between trees": TEXT[: TEXT.index("Tree=4\n")],
    "cut after the trees": TEXT[: TEXT.index("end of trees")],
    "a piece is lost": TEXT.replace("shrinkage=0.05", "shrinkage=", 1),
    "a tree is lost": TEXT[: TEXT.index("Tree=4\n")] + TEXT[TEXT.index("Tree=5\n") :],
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_text_is_refused(text: str) -> None:
    assert text != TEXT
    with pytest.raises(ArtifactError, match=r"LightGBM refuses the model: .+ Train again"):
        Booster(text)
