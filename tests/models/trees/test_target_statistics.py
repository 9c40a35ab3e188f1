import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from features.arrays import Floats
from models.samples.folds import group_folds
from models.samples.sample import Sample
from models.trees import binned as boosting
from models.trees import target_statistics
from models.trees.booster import Booster
from models.trees.lightgbm_text import weighted_sum
from models.trees.rewriting import with_sets
from models.trees.target_statistics import MIN_LEVELS, encode
from models.trees.training import ENCODINGS, Encoding, TreeParameters, train_trees
from tests.models.problems import booster_text, category, matrix, number, sample

FOLDS = 5  # random ones, over leads
NOTHING: Mapping[int, int] = MappingProxyType({})
PRIOR = 10.0  # leads of the base rate
SMALL = TreeParameters(6, trees=15, rate=0.3, min_leads=4, feature_share=1.0, l2=0.1, encoding="target")


def drawn(
    levels: tuple[int, ...], leads: int = 150, *, snapshots: int = 1, missing: float = 0.1, seed: int = 0
) -> Sample:
    """One number, and a category of each number of levels with values that are pooled or missing; each level counts."""
    random = np.random.default_rng([seed, leads])
    group = np.repeat(np.arange(leads), snapshots)
    codes = [random.integers(0, count + 1, len(group)).astype(float) for count in levels]
    X = np.column_stack([random.normal(size=len(group)), *codes])
    X[random.random(X.shape) < missing] = np.nan
    pull = sum((random.normal(0, 2, 400)[code[::snapshots].astype(int)] for code in codes), np.zeros(leads))
    y = (pull + random.logistic(size=leads) > 0).astype(float)
    features = (number("age"), *(category(f"category {k}", count) for k, count in enumerate(levels)))
    weight = random.uniform(0.2, 1.0, len(group))
    return sample(X, y[group], features=features, weight=weight, lead=group)


def in_place(X: Floats, tables: Mapping[int, Floats], missing: Mapping[int, int] = NOTHING) -> Floats:
    """X with the tables' statistics in place of codes, and the codes for what is missing."""
    encoded = X.copy()
    for column, code in missing.items():
        encoded[np.isnan(X[:, column]), column] = code
    for column, table in tables.items():
        encoded[:, column] = table[np.where(np.isnan(X[:, column]), len(table) - 1, X[:, column]).astype(int)]
    return encoded


@dataclass(frozen=True)
class Pair:
    """The same trees as they were trained over statistics, and as ``train_trees`` gives them."""

    statistics: Booster
    sets: Booster
    tables: Mapping[int, Floats]
    missing: Mapping[int, int]

    @classmethod
    def of(cls, rows: Sample, parameters: TreeParameters = SMALL) -> "Pair":
        told: list[Mapping[int, Any]] = [{}, {}]

        def keep(text: str, *rest: Mapping[int, Any]) -> str:
            told[:] = rest
            return text

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(boosting, "with_sets", keep)
            plain = train_trees(rows, parameters, 0).model_to_string()
        return cls(Booster(plain), Booster(train_trees(rows, parameters, 0).model_to_string()), *told)

    def assert_same(self, X: Floats) -> None:
        encoded = in_place(X, self.tables, self.missing)
        np.testing.assert_array_equal(self.sets.margin(X), self.statistics.margin(encoded))
        ours, theirs = self.sets.contributions(X), self.statistics.contributions(encoded)
        np.testing.assert_allclose(ours, theirs, atol=1e-10, rtol=0)
        np.testing.assert_allclose(ours.sum(axis=1), self.sets.margin(X), atol=1e-9, rtol=0)


def every_level(levels: tuple[int, ...]) -> Floats:
    """Rows that hold each code of each category, the pooled one and a missing one."""
    codes = [np.append(np.arange(count + 1, dtype=float), np.nan) for count in levels]
    longest = max((len(column) for column in codes), default=1)
    return np.column_stack([np.linspace(-2, 2, longest), *(np.resize(column, longest) for column in codes)])


@given(
    st.lists(st.integers(1, 150), min_size=1, max_size=3).map(tuple),
    st.integers(60, 300),
    st.integers(1, 2),
    st.sampled_from([0.0, 0.1, 0.6]),
    st.integers(2, 12),
    st.sampled_from(ENCODINGS),
    st.integers(0, 10_000),
)
@settings(max_examples=80, deadline=None)
def test_trees_over_codes_say_what_the_trees_as_they_were_grown_say(
    levels: tuple[int, ...], leads: int, snapshots: int, missing: float, leaves: int, encoding: Encoding, seed: int
) -> None:
    rows = drawn(levels, leads, snapshots=snapshots, missing=missing, seed=seed)
    pair = Pair.of(rows, replace(SMALL, leaves=leaves, encoding=encoding))
    for X in (rows.X, every_level(levels)):
        pair.assert_same(X)


@pytest.mark.parametrize("encoding", ["native", "one_hot"])
def test_what_is_missing_is_told_from_all_levels_together(encoding: Encoding) -> None:
    rows = drawn((40,), 1_200, missing=0.4)
    given = sample(rows.X, np.isnan(rows.X[:, 1]).astype(float), features=rows.features)
    booster = Booster(
        train_trees(given, TreeParameters(2, trees=1, encoding=encoding, feature_share=1.0), 0).model_to_string()
    )
    said = booster.margin(every_level((40,)))
    assert said[-1] > said[0]
    assert len(np.unique(said[:-1])) == 1


@pytest.mark.parametrize("levels", [31, 32, 33, 63, 64, 65, 200])
def test_sets_of_many_levels_take_many_words(levels: int) -> None:
    rows = drawn((levels,), 1_500, seed=levels)
    pair = Pair.of(rows)
    assert "cat_threshold" in pair.sets.text
    pair.assert_same(np.vstack([rows.X, every_level((levels,))]))
    assert len(np.unique(pair.sets.margin(every_level((levels,))))) > 5


def test_a_category_that_is_never_missing_and_a_request_where_it_is() -> None:
    rows = drawn((8, 40), 400, missing=0.0)
    Pair.of(rows).assert_same(np.array([[0.3, np.nan, np.nan], [np.nan, 8.0, 40.0], [1.0, 2.0, np.nan]]))


def test_averaged_trees_over_codes_say_what_the_trees_over_statistics_say() -> None:
    rows = drawn((8, 90), 600)
    one, two = Pair.of(rows), Pair.of(drawn((8, 90), 600, seed=1))
    X = np.vstack([rows.X, every_level((8, 90))])
    averaged = Booster(weighted_sum([one.sets.text, two.sets.text], [0.3, 0.7]))
    expected = 0.3 * one.statistics.margin(in_place(X, one.tables, one.missing)) + 0.7 * two.statistics.margin(
        in_place(X, two.tables, two.missing)
    )
    np.testing.assert_allclose(averaged.margin(X), expected, atol=1e-12)


def test_trees_of_one_leaf_stay_what_they_are() -> None:
    rows = drawn((8,), 100)
    pair = Pair.of(rows, TreeParameters(7, trees=3, min_leads=1_000, encoding="target"))
    assert "num_leaves=1\n" in pair.sets.text
    pair.assert_same(every_level((8,)))
    assert with_sets(pair.statistics.text, pair.tables, pair.missing) == pair.statistics.text


def thresholds(text: str, column: int) -> list[float]:
    """Where the trees split a column."""
    words = (re.findall(rf"^{name}=(.+)$", text, re.MULTILINE) for name in ("split_feature", "threshold"))
    splits = zip(*(" ".join(lines).split() for lines in words), strict=True)
    return [float(threshold) for feature, threshold in splits if int(feature) == column]


@pytest.mark.parametrize("place", ["below all", "above all", "at"])
@pytest.mark.parametrize("missing", [0.0, 1.0])
def test_a_split_may_lie_at_a_statistic_or_beyond_all(place: str, missing: float) -> None:
    pair = Pair.of(drawn((5,), 300))
    splits = thresholds(pair.statistics.text, 1)
    shift = {"below all": 1e3, "above all": -1e3, "at": 0.0}[place]
    table = np.append(np.quantile(splits, np.linspace(0, 1, 6), method="nearest") + shift, missing)
    other = Pair(pair.statistics, Booster(with_sets(pair.statistics.text, {1: table}, {})), {1: table}, {})
    other.assert_same(every_level((5,)))


def test_columns_of_few_levels_are_split_as_they_are() -> None:
    assert MIN_LEVELS == 3
    rows = drawn((1, 2, 3, 9), 400)
    encoded = encode(rows, 0)
    assert sorted(encoded.tables) == [3, 4]
    assert [len(encoded.tables[column]) for column in (3, 4)] == [5, 11]
    np.testing.assert_array_equal(encoded.X[:, :3], rows.X[:, :3])
    Pair.of(rows).assert_same(every_level((1, 2, 3, 9)))


@pytest.mark.parametrize("levels", [(), (1, 2)])
def test_without_a_column_to_encode_the_trees_are_the_native_ones(levels: tuple[int, ...]) -> None:
    rows = drawn(levels, 300)
    native = replace(SMALL, encoding="native")
    assert not encode(rows, 0).tables
    assert train_trees(rows, SMALL, 0).model_to_string() == train_trees(rows, native, 0).model_to_string()


@pytest.mark.parametrize("tables", [{}, {99: np.zeros(4)}])
def test_a_model_without_encoded_splits_stays_what_it_is(tables: Mapping[int, Floats]) -> None:
    text = booster_text()
    assert "cat_threshold" in text
    assert with_sets(text, tables, {}) == text


def test_a_column_that_no_tree_splits_changes_nothing() -> None:
    rows = drawn((9,), 300)
    rows.X[:, 1] = np.random.default_rng(0).integers(0, 9, 300)
    lone = sample(rows.X, (rows.X[:, 0] > 0).astype(float), features=rows.features)
    pair = Pair.of(lone, TreeParameters(2, trees=10, encoding="target", feature_share=1.0))
    assert set(re.findall(r"^split_feature=(.+)$", pair.sets.text, re.M)) == {"0"}
    assert pair.sets.text == pair.statistics.text


def test_the_rewritten_text_is_read_by_lightgbm_as_it_is_written() -> None:
    text = with_sets(Pair.of(drawn((8, 90), 600)).statistics.text, encode(drawn((8, 90), 600), 0).tables, {})
    again = lightgbm.Booster(model_str=text).model_to_string()
    assert Booster(again).text == again
    X = every_level((8, 90))
    np.testing.assert_array_equal(Booster(again).margin(X), Booster(text).margin(X))


def test_a_statistic_is_the_share_of_won_leads_drawn_towards_the_base_rate() -> None:
    rows = drawn((4,), 80, snapshots=3)
    table = encode(rows, 0).tables[1]
    rate = np.average(rows.y, weights=rows.weight)
    for code in (*range(5), None):
        chosen = np.isnan(rows.X[:, 1]) if code is None else rows.X[:, 1] == code
        won, mass = (rows.weight * rows.y)[chosen].sum(), rows.weight[chosen].sum()
        assert table[-1 if code is None else code] == pytest.approx((won + PRIOR * rate) / (mass + PRIOR))


def test_a_level_that_nobody_has_gets_the_base_rate() -> None:
    rows = drawn((4,), 80, missing=0.0)
    rows.X[rows.X[:, 1] >= 3, 1] = 0
    table = encode(rows, 0).tables[1]
    np.testing.assert_allclose(table[3:], np.average(rows.y, weights=rows.weight))


@pytest.mark.parametrize("snapshots", [1, 4])
def test_the_statistic_of_a_row_comes_from_leads_of_other_folds(snapshots: int) -> None:
    rows = drawn((6,), 90, snapshots=snapshots)
    encoded = encode(rows, 0)
    codes = np.nan_to_num(rows.X[:, 1], nan=7)
    for fold in group_folds(rows.y, rows.lead, FOLDS, rows.seed):
        assert not np.intersect1d(rows.lead[fold.train], rows.lead[fold.held_out]).size
        weight, y = rows.weight[fold.train], rows.y[fold.train]
        for row in fold.held_out:
            same = codes[fold.train] == codes[row]
            won, mass = (weight * y)[same].sum(), weight[same].sum()
            expected = (won + PRIOR * np.average(y, weights=weight)) / (mass + PRIOR)
            assert encoded.X[row, 1] == pytest.approx(expected)


@pytest.mark.parametrize("snapshots", [1, 4])
def test_no_lead_of_the_same_fold_tells_its_outcome(snapshots: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn((6, 40), 60, snapshots=snapshots)
    folds = list(group_folds(rows.y, rows.lead, FOLDS, rows.seed))
    monkeypatch.setattr(target_statistics, "group_folds", lambda *_: folds)  # they share out the won leads evenly
    before = encode(rows, 0)
    for lead in range(60):
        own = rows.lead == lead
        other = encode(sample(rows.X, np.where(own, 1 - rows.y, rows.y), features=rows.features, weight=rows.weight), 0)
        fold = next(fold for fold in folds if own[fold.held_out].any())
        np.testing.assert_array_equal(other.X[own], before.X[own])
        np.testing.assert_array_equal(other.X[fold.held_out], before.X[fold.held_out])
        assert (other.X[fold.train] != before.X[fold.train]).any()


def test_levels_that_say_nothing_say_nothing_of_the_rows_they_were_learned_from() -> None:
    rows = drawn((300,), 2_000, missing=0.0)
    random = np.random.default_rng(7)
    noise = sample(rows.X, (random.random(2_000) < 0.3).astype(float), features=rows.features)
    encoded = encode(noise, 0)
    assert roc_auc_score(noise.y, in_place(noise.X, encoded.tables)[:, 1]) > 0.65  # what its own outcome would tell
    assert roc_auc_score(noise.y, encoded.X[:, 1]) < 0.52


def test_the_sample_itself_is_not_changed() -> None:
    rows = drawn((6,), 90)
    before = rows.X.copy()
    encode(rows, 0)
    np.testing.assert_array_equal(rows.X, before)


def test_another_seed_draws_other_folds() -> None:
    rows = drawn((6,), 90)
    np.testing.assert_array_equal(encode(rows, 0).X, encode(rows, 0).X)
    assert (encode(rows, 1).X[:, 1] != encode(rows, 0).X[:, 1]).any()
    np.testing.assert_array_equal(encode(rows, 1).tables[1], encode(rows, 0).tables[1])


def test_trees_order_a_hundred_levels_that_sets_of_few_leads_cannot() -> None:
    X = matrix(4_000)
    random = np.random.default_rng([0, 1])
    X[:, 6] = random.integers(0, 100, 4_000)
    effect = random.normal(0, 1.5, 101)
    y = (effect[X[:, 6].astype(int)] + random.logistic(size=4_000) > 0).astype(float)
    features = (*(number(f"number {k}") for k in range(6)), category("town", 100), category("industry"))
    learned = sample(X[:2_000], y[:2_000], features=features)
    margin = Booster(train_trees(learned, TreeParameters(7, trees=100, encoding="target"), 0).model_to_string()).margin(
        X[2_000:]
    )
    best = roc_auc_score(y[2_000:], effect[X[2_000:, 6].astype(int)])
    assert roc_auc_score(y[2_000:], margin) > 0.5 + 0.8 * (best - 0.5)
