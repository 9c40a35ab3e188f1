from dataclasses import replace

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.threads import each_of
from features.arrays import Floats
from models.samples.sample import Sample
from models.trees.booster import Booster
from models.trees.lightgbm_text import ModelText, read_fields
from models.trees.symmetric import PooledSample
from models.trees.training import STAGE, TreeParameters, growing_trees, train_trees
from tests.models.problems import LEVELS, category, matrix, number, sample, truth

SMALL = TreeParameters(8, trees=STAGE, rate=0.3, feature_share=1.0, l2=1.0, shape="symmetric")
BIGGEST = float(np.finfo(np.float32).max)


def outcomes(X: Floats, seed: int = 0) -> Floats:
    y: Floats = (truth(X) + np.random.default_rng([seed, 1]).logistic(size=len(X)) > 0).astype(float)
    return y


def rows(count: int = 400, seed: int = 0) -> Sample:
    X = matrix(count, seed)
    return sample(X, outcomes(X, seed), weight=np.random.default_rng(seed).uniform(0.2, 3.0, count))


def as_frame(learned: Sample, X: Floats) -> pd.DataFrame:
    """What a person would hand to CatBoost. The levels have the names they have there: names break ties."""
    frame = pd.DataFrame(X.clip(-BIGGEST, BIGGEST).astype(np.float32))
    for column in learned.categorical:
        frame[column] = [f"{LEVELS + 1 if np.isnan(code) else code:.0f}" for code in X[:, column]]
    return frame


def plain_catboost(learned: Sample, parameters: TreeParameters, offset: Floats | None = None) -> catboost.CatBoost:
    """CatBoost itself with these parameters."""
    model = catboost.CatBoostClassifier(
        iterations=parameters.trees, depth=parameters.leaves.bit_length() - 1, learning_rate=parameters.rate,
        l2_leaf_reg=parameters.l2, random_strength=parameters.noise, rsm=parameters.feature_share, random_seed=0,
        leaf_estimation_iterations=10, one_hot_max_size=1_000, boost_from_average=offset is None, thread_count=1,
        allow_writing_files=False, verbose=False, cat_features=list(learned.categorical),
    )  # fmt: skip
    return model.fit(as_frame(learned, learned.X), learned.y, sample_weight=learned.weight, baseline=offset)


def awkward(learned: Sample, seed: int) -> Floats:
    """Rows of a matrix with what no training row had: extreme numbers, borders' neighbours, unknown levels."""
    random = np.random.default_rng([seed, 2])
    X = matrix(300, seed + 1, missing=0.2)
    numbers = [column for column in range(X.shape[1]) if column not in learned.categorical]
    extremes = np.array([np.inf, -np.inf, 1e300, -1e300, BIGGEST, -BIGGEST, 0.0, -0.0, 1e-300, np.nan])
    extreme = random.random((len(X), len(numbers))) < 0.1
    X[:, numbers] = np.where(extreme, random.choice(extremes, extreme.shape), X[:, numbers])
    return X


@settings(max_examples=15, deadline=None)
@given(
    leaves=st.sampled_from([2, 4, 8, 16, 64]),
    noise=st.sampled_from([0.0, 1.0, 5.0]),
    count=st.integers(40, 400),
    known=st.booleans(),
    seed=st.integers(0, 1_000),
)
def test_the_trees_say_what_catboost_says(leaves: int, noise: float, count: int, known: bool, seed: int) -> None:
    learned, parameters = rows(count, seed), replace(SMALL, leaves=leaves, noise=noise)
    offset = 0.5 * truth(learned.X) if known else None
    said = train_trees(learned, parameters, 0, offset).predict(awkward(learned, seed), raw_score=True)
    model = plain_catboost(learned, parameters, offset)
    expected = model.predict(as_frame(learned, awkward(learned, seed)), prediction_type="RawFormulaVal")
    np.testing.assert_allclose(said, expected, atol=1e-6)


def test_rows_of_numbers_alone_are_learned_from() -> None:
    learned = rows()
    numbers = [column for column in range(learned.X.shape[1]) if column not in learned.categorical]
    alone = replace(learned, X=learned.X[:, numbers], features=tuple(learned.features[column] for column in numbers))
    said = train_trees(alone, SMALL, 0).predict(alone.X, raw_score=True)
    expected = plain_catboost(alone, SMALL).predict(as_frame(alone, alone.X), prediction_type="RawFormulaVal")
    np.testing.assert_allclose(said, expected, atol=1e-6)


def test_numbers_next_to_a_border_go_where_catboost_sends_them() -> None:
    learned = rows()
    pooled = PooledSample.of(learned)
    growing = growing_trees(pooled, learned, SMALL, 0)
    growing.grow(STAGE)
    thresholds = growing.over_codes().trees_to_dataframe().query("decision_type == '<='")
    column = int(thresholds.split_feature.iloc[0].removeprefix("Column_"))
    X = np.repeat(learned.X[:1], 5 * len(thresholds), axis=0)
    near = thresholds.threshold.to_numpy(dtype=np.float64)
    as_float32 = near.astype(np.float32)
    X[:, column] = np.concatenate(
        [near, np.nextafter(near, np.inf), np.nextafter(near, -np.inf), as_float32, np.nextafter(as_float32, np.inf)]
    )
    np.testing.assert_allclose(
        growing.over_codes().predict(X, raw_score=True), growing.added(pooled.encode(X)), atol=1e-12
    )


@settings(max_examples=10, deadline=None)
@given(leaves=st.sampled_from([2, 8, 64]), count=st.integers(40, 400), seed=st.integers(0, 1_000))
def test_reasons_add_up_to_the_margin(leaves: int, count: int, seed: int) -> None:
    learned = rows(count, seed)
    booster = Booster(train_trees(learned, replace(SMALL, leaves=leaves), 0).model_to_string())
    margin, contributions = booster.explain(awkward(learned, seed))
    np.testing.assert_allclose(contributions.sum(axis=1), margin, atol=1e-9)
    np.testing.assert_array_equal(margin, booster.margin(awkward(learned, seed)))


def test_the_base_of_the_reasons_is_the_mean_margin_of_the_weighted_rows() -> None:
    learned = rows()
    booster = Booster(train_trees(learned, SMALL, 0).model_to_string())
    mean = np.average(booster.margin(learned.X), weights=learned.weight)
    assert booster.contributions(learned.X)[0, -1] == pytest.approx(mean, abs=1e-5)


def test_no_split_is_kept_that_decides_nothing() -> None:
    text = train_trees(rows(60), replace(SMALL, leaves=64), 0).model_to_string()
    trees = [read_fields(tree) for tree in ModelText.parse(text).trees]
    assert max(int(tree["num_leaves"]) for tree in trees) < 64
    for tree in trees:
        value, left, right = (tree[key].split() for key in ("leaf_value", "left_child", "right_child"))
        both_leaves = [(~int(one), ~int(two)) for one, two in zip(left, right, strict=True) if int(one) < 0 > int(two)]
        assert all(value[one] != value[two] for one, two in both_leaves)


def test_the_first_trees_are_the_same_however_many_follow() -> None:
    for monotone in ((), (1, *[0] * 7)):
        learned = replace(rows(), monotone=monotone)
        whole = train_trees(learned, replace(SMALL, trees=10 * STAGE), 0)
        first = train_trees(learned, SMALL, 0)
        np.testing.assert_allclose(
            whole.predict(learned.X, raw_score=True, num_iteration=STAGE),
            first.predict(learned.X, raw_score=True), atol=1e-12,
        )  # fmt: skip


def test_stages_add_up_to_the_trees_of_one_go() -> None:
    learned, new = rows(), matrix(100, seed=1)
    pooled = PooledSample.of(learned)
    growing, margin = growing_trees(pooled, learned, SMALL, 0), np.zeros(100)
    for _ in range(9):
        growing.grow(STAGE)
        margin += growing.added(pooled.encode(new))
    whole = train_trees(learned, replace(SMALL, trees=9 * STAGE), 0)
    np.testing.assert_allclose(margin, whole.predict(new, raw_score=True), atol=1e-12)
    assert growing.over_codes().model_to_string() == whole.model_to_string()


def test_trees_on_an_offset_are_nearer_to_the_truth_than_without() -> None:
    X, new = matrix(3_000), matrix(3_000, seed=1)
    known, parameters = 0.5 * truth(X), replace(SMALL, rate=0.1, trees=3 * STAGE)
    on_it, alone = (
        train_trees(sample(X, outcomes(X)), parameters, 0, offset).predict(new, raw_score=True)
        for offset in (known, None)
    )
    far = [np.abs(margin - truth(new)).mean() for margin in (0.5 * truth(new) + on_it, alone, 0.5 * truth(new))]
    assert far[0] < 0.9 * min(far[1:])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_monotone_feature_never_turns_round(sign: int) -> None:
    X = matrix(800)
    rising = np.repeat(matrix(50, seed=2), 40, axis=0)
    rising[:, 0] = np.tile(np.linspace(-3, 3, 40), 50)
    free, kept = (
        np.diff(
            train_trees(sample(X, outcomes(X), monotone=signs), replace(SMALL, rate=0.1), 0)
            .predict(rising, raw_score=True)
            .reshape(50, 40)
        )
        for signs in ((), (sign, *[0] * 7))
    )
    assert (sign * kept >= -1e-12).all()
    moved = np.abs(kept).sum() / np.abs(free).sum()
    assert moved > 0.5 if sign > 0 else moved < 0.2  # the truth rises with it


def test_snapshots_of_leads_teach_as_the_same_rows_with_their_weights() -> None:
    X = matrix(1_000)
    snapshots = np.repeat(np.arange(1_000), 3)
    once = sample(X, outcomes(X), weight=np.full(1_000, 3.0))
    three = sample(X[snapshots], outcomes(X)[snapshots], lead=snapshots)
    one, other = (
        train_trees(each, replace(SMALL, rate=0.1), 0).predict(matrix(200, 1), raw_score=True) for each in (once, three)
    )
    assert np.corrcoef(one, other)[0, 1] > 0.8


def test_the_same_seed_grows_the_same_trees() -> None:
    one, same, other = (train_trees(rows(), SMALL, seed).model_to_string() for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_rows_without_weight_teach_nothing() -> None:
    X = matrix(400)
    y, weight = outcomes(X), (np.arange(400) < 200).astype(float)
    one, two = (
        train_trees(sample(X, each, weight=weight), SMALL, 0).predict(X, raw_score=True)
        for each in (y, np.where(weight > 0, y, 1 - y))
    )
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("levels", [1, 3, 40, 300])
def test_a_level_and_what_is_missing_are_split_off_one_by_one(levels: int) -> None:
    random = np.random.default_rng(0)
    code = np.where(random.random(4_000) < 0.2, 0.0, random.integers(0, levels + 1, 4_000))
    code[random.random(4_000) < 0.3] = np.nan
    y = (np.where(np.isnan(code), 2.0, np.where(code == 0, -2.0, 0.0)) + random.logistic(size=4_000) > 0).astype(float)
    learned = sample(code[:, None], y, features=(category("channel", levels),))
    booster = train_trees(learned, replace(SMALL, leaves=4), 0)
    missing, first, pooled = booster.predict(np.array([[np.nan], [0.0], [float(levels)]]), raw_score=True)
    assert first < pooled - 0.8
    assert missing > pooled + 0.8


@pytest.mark.parametrize("value", [np.nan, 3.0])
@pytest.mark.parametrize("offset", [None, np.ones(40)])
def test_where_nothing_varies_the_trees_say_the_base_rate(value: float, offset: Floats | None) -> None:
    learned = sample(np.full((40, 1), value), (np.arange(40) < 10).astype(float), features=(number("age"),))
    pooled = PooledSample.of(learned, offset)
    growing, base = growing_trees(pooled, learned, SMALL, 0), learned.base if offset is None else 0.0
    growing.grow(STAGE)
    assert growing.over_codes().predict(np.array([[1.0]]), raw_score=True) == pytest.approx([base])
    assert growing.added(pooled.encode(learned.X[:1])) == pytest.approx([base])
    growing.grow(STAGE)
    assert growing.added(pooled.encode(learned.X[:1])) == pytest.approx([0.0])


def test_the_text_is_one_that_lightgbm_reads_and_writes_again() -> None:
    booster = train_trees(rows(), SMALL, 0)
    again = lightgbm.Booster(model_str=booster.model_to_string())
    assert again.num_trees() == SMALL.trees
    np.testing.assert_array_equal(
        again.predict(matrix(50), raw_score=True), booster.predict(matrix(50), raw_score=True)
    )


def test_no_two_trainings_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    """CatBoost shares a pointer between the trainings of a process, and crashes where one ends during another."""
    fit, busy, most = catboost.CatBoost.fit, list[catboost.CatBoost](), list[int]()

    def watched(model: catboost.CatBoost, *arguments: object, **options: object) -> object:
        busy.append(model)
        most.append(len(busy))
        try:
            return fit(model, *arguments, **options)
        finally:
            busy.remove(model)

    monkeypatch.setattr(catboost.CatBoost, "fit", watched)
    each_of(lambda seed: train_trees(rows(seed=seed), SMALL, seed), range(4), threads=4)
    assert len(most) >= 4
    assert max(most) == 1
