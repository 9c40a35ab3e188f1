import re

import lightgbm
import numpy as np
import pytest

from features.arrays import Floats
from models.trees.binned import BinnedSample
from models.trees.training import ENCODINGS, STAGE, Encoding, GrowingTrees, TreeParameters, train_trees
from tests.models.problems import matrix, number, sample, stored_parameters, truth

ROWS = 800
PARAMETERS = TreeParameters(5, trees=2 * STAGE)


def outcomes(X: Floats, seed: int = 0) -> Floats:
    # Chance of another source than that of the matrix, which a category would else tell.
    y: Floats = (truth(X) + np.random.default_rng([seed, 1]).logistic(size=len(X)) > 0).astype(float)
    return y


def trained(seed: int = 0, parameters: TreeParameters = PARAMETERS, rows_per_lead: int = 1) -> lightgbm.Booster:
    X = matrix(ROWS)
    return train_trees(sample(X, outcomes(X), lead=np.arange(ROWS) // rows_per_lead), parameters, seed)


def test_the_same_seed_grows_the_same_trees() -> None:
    assert trained(3).model_to_string() == trained(3).model_to_string()
    assert trained(3).model_to_string() != trained(4).model_to_string()


def test_trees_that_grow_by_stages_are_those_of_one_go() -> None:
    X, new = matrix(ROWS), matrix(100, seed=1)
    rows = sample(X, outcomes(X))
    binned = BinnedSample.of(rows, PARAMETERS.codes, 0)
    growing, margin = GrowingTrees(binned, rows, PARAMETERS, 0), np.zeros(100)
    for _ in range(2):
        growing.grow(STAGE)
        margin += growing.added(binned.encode(new))
    whole = train_trees(rows, PARAMETERS, 0).predict(new, raw_score=True)
    np.testing.assert_allclose(margin, whole, atol=1e-12)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bins_that_several_settings_share_give_what_bins_of_their_own_give(encoding: Encoding) -> None:
    X, new = matrix(ROWS), matrix(100, seed=1)
    rows = sample(X, outcomes(X))
    shared = BinnedSample.of(rows, TreeParameters(3, encoding=encoding).codes, 0)
    for leaves, min_leads in ((9, 2), (3, 40), (15, 10)):
        parameters = TreeParameters(leaves, trees=STAGE, min_leads=min_leads, encoding=encoding)
        growing = GrowingTrees(shared, rows, parameters, 0)
        growing.grow(STAGE)
        alone = train_trees(rows, parameters, 0)
        np.testing.assert_array_equal(
            shared.over_codes(growing.booster).predict(new, raw_score=True), alone.predict(new, raw_score=True)
        )
        np.testing.assert_allclose(growing.added(shared.encode(new)), alone.predict(new, raw_score=True), atol=1e-12)


@pytest.mark.parametrize(("leads", "least"), [(100, 5), (250, 5), (1_000, 20), (2_000, 40), (50_000, 40)])
def test_where_leads_are_few_fewer_of_them_fill_a_leaf(leads: int, least: int) -> None:
    X = matrix(2 * leads)
    rows = sample(X, outcomes(X), lead=np.arange(2 * leads) // 2)
    assert TreeParameters(7).scaled(rows) == TreeParameters(7, min_leads=least)


def test_trees_rank_by_an_interaction_that_no_line_sees() -> None:
    X = matrix(1_500, missing=0)[:, [2, 3]]
    y = (2.5 * np.sign(X[:, 0] * X[:, 1]) + np.random.default_rng(0).logistic(size=1_500) > 0).astype(float)
    parameters = TreeParameters(7, trees=100, feature_share=1.0)
    booster = train_trees(sample(X[:1_000], y[:1_000], features=(number("a"), number("b"))), parameters, 0)
    said = booster.predict(X[1_000:], raw_score=True) > 0
    assert (said == (X[1_000:, 0] * X[1_000:, 1] > 0)).mean() > 0.9


@pytest.mark.parametrize("rows_per_lead", [1, 3])
def test_a_leaf_holds_about_enough_leads(rows_per_lead: int) -> None:
    booster = trained(rows_per_lead=rows_per_lead)
    leaves = booster.trees_to_dataframe().query("left_child.isna()")
    assert leaves["count"].min() >= 0.9 * PARAMETERS.min_leads * rows_per_lead  # LightGBM estimates the count


def test_rows_without_weight_teach_nothing() -> None:
    X = matrix(ROWS)
    y, parameters = outcomes(X), TreeParameters(5, trees=STAGE, min_leads=1)
    weight = (np.arange(ROWS) < ROWS // 2).astype(float)
    other = np.where(weight > 0, y, 1 - y)
    one, two = (
        train_trees(sample(X, each, weight=weight), parameters, 0).predict(X, raw_score=True) for each in (y, other)
    )
    np.testing.assert_array_equal(one, two)


def test_categories_are_split_by_their_sets() -> None:
    assert re.search(
        r"^num_cat=[1-9]", trained(parameters=TreeParameters(15, trees=STAGE)).model_to_string(), re.MULTILINE
    )


def test_one_hot_trees_split_one_level_from_the_others() -> None:
    text = trained(parameters=TreeParameters(15, trees=STAGE, encoding="one_hot")).model_to_string()
    words = [int(word) for line in re.findall(r"^cat_threshold=(.+)$", text, re.MULTILINE) for word in line.split()]
    assert words
    assert all(word.bit_count() == 1 for word in words)


def test_trees_on_an_offset_learn_what_it_leaves_over() -> None:
    X = matrix(5_000)
    rows, known = sample(X, outcomes(X)), truth(X)
    alone, whole, nothing = (
        train_trees(rows, PARAMETERS, 0, offset).predict(X, raw_score=True) for offset in (None, known, 0 * known)
    )
    assert np.abs(whole).mean() < 0.3 * np.abs(alone).mean()
    assert np.corrcoef(alone, nothing)[0, 1] > 0.99


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_half_of_the_truth_and_the_trees_on_it_are_nearer_to_the_truth_than_either(encoding: Encoding) -> None:
    X, new = matrix(5_000), matrix(5_000, seed=1)
    parameters = TreeParameters(5, trees=100, encoding=encoding)
    known = 0.5 * truth(X)
    on_it, alone = (
        train_trees(sample(X, outcomes(X)), parameters, 0, offset).predict(new, raw_score=True)
        for offset in (known, None)
    )
    far = [np.abs(margin - truth(new)).mean() for margin in (0.5 * truth(new) + on_it, alone, 0.5 * truth(new))]
    assert far[0] < 0.9 * min(far[1:])


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_monotone_feature_never_turns_round(sign: int, encoding: Encoding) -> None:
    X = matrix(ROWS)
    parameters = TreeParameters(15, trees=100, min_leads=5, encoding=encoding)
    rising = np.repeat(matrix(50, seed=2), 40, axis=0)
    rising[:, 0] = np.tile(np.linspace(-3, 3, 40), 50)
    free, kept = (
        np.diff(
            train_trees(sample(X, outcomes(X), monotone=signs), parameters, 0)
            .predict(rising, raw_score=True)
            .reshape(50, 40)
        )
        for signs in ((), (sign, *[0] * 7))
    )
    assert (sign * kept >= 0).all()
    moved = np.abs(kept).sum() / np.abs(free).sum()
    assert moved > 0.5 if sign > 0 else moved < 0.2  # the truth rises with it


def test_growth_survives_json() -> None:
    parameters = TreeParameters(
        9, 75, rate=0.03, min_leads=11, feature_share=0.4, l2=7.5, encoding="target", offset=True
    )
    assert stored_parameters(parameters.to_dict()) == parameters
