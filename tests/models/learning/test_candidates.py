from dataclasses import replace

import numpy as np
import pytest

from features.arrays import Floats
from models.learning import candidates, growth
from models.learning.candidates import FASTEST, Candidate, LinearModel, chosen_trees, linear_model, tree_candidate
from models.learning.growth import FoldedSample, Growth
from models.logistic.fitting import fit_logistic
from models.samples.folds import held_out_rows
from models.samples.sample import Sample
from models.trees.binned import BinnedSample
from models.trees.booster import Booster
from models.trees.symmetric import PooledSample
from models.trees.training import ENCODINGS, STAGE, TreeParameters, growing_trees, train_trees
from tests.models.problems import DEFAULTS, matrix, problem

CASE = problem(900, snapshots=2, seed=4)
SAMPLE = CASE.sample(ordered=True)
FOLDS = SAMPLE.folds()
ROWS = held_out_rows(FOLDS)
LINEAR = linear_model(SAMPLE, FOLDS, DEFAULTS.C)
FOLDED = FoldedSample(SAMPLE, FOLDS, LINEAR.terms)
NEW = np.vstack([matrix(200, seed=11, missing=0.2), np.full((1, 8), np.nan)])
SMALL = TreeParameters(5, trees=3 * STAGE)
SYMMETRIC = TreeParameters(8, trees=3 * STAGE, shape="symmetric")
TREES: dict[str, TreeParameters] = {
    **{str(encoding): replace(SMALL, encoding=encoding) for encoding in ENCODINGS},
    **{f"{encoding} on the linear model": replace(SMALL, encoding=encoding, offset=True) for encoding in ENCODINGS},
    "symmetric": SYMMETRIC,
    "symmetric on the linear model": replace(SYMMETRIC, offset=True),
}


def trees(name: str, folded: FoldedSample, parameters: TreeParameters, linear: LinearModel | None = None) -> Candidate:
    candidate = tree_candidate(name, folded, parameters, linear)
    assert candidate is not None
    return candidate


CANDIDATES = {"logistic": LINEAR.candidate} | {
    name: trees(name, FOLDED, parameters, LINEAR) for name, parameters in TREES.items()
}


def loss(margins: Floats) -> float:
    """Mean log loss of margins (held-out rows,) or the least one of (k, held-out rows)."""
    losses = np.logaddexp(0, margins) - SAMPLE.y[ROWS] * margins
    return float(np.min(np.average(losses, weights=SAMPLE.weight[ROWS], axis=-1)))


def total(candidate: Candidate, X: Floats, sample: Sample = SAMPLE, bags: int = 1) -> Floats:
    """The margin (n,) of what a candidate fits."""
    fitted = candidate.fit(sample, bags)
    parts = [part.margin(X) for part in (fitted.linear, fitted.trees) if part is not None]
    assert parts
    whole: Floats = np.sum(parts, axis=0)
    return whole


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_says_something_of_every_held_out_row(name: str) -> None:
    candidate = CANDIDATES[name]
    assert candidate.name == name
    assert candidate.margins.shape == ROWS.shape
    assert loss(candidate.margins) < loss(SAMPLE.out_of_fold().base)


@pytest.mark.parametrize("name", CANDIDATES)
def test_what_a_candidate_says_of_a_fold_is_what_it_fits_on_the_rows_before(name: str) -> None:
    candidate, start = CANDIDATES[name], 0
    for fold in FOLDS:
        said = candidate.margins[start : start + len(fold.held_out)]
        start += len(fold.held_out)
        fitted = total(candidate, SAMPLE.X[fold.held_out], SAMPLE.rows(fold.train))
        np.testing.assert_allclose(said, fitted, atol=1e-9)


def test_trees_that_may_not_grow_on_learn_faster() -> None:
    slow = TreeParameters(5, trees=STAGE, rate=0.01)
    candidate = tree_candidate("slow", FOLDED, slow)
    assert candidate is not None
    assert candidate.settings["rate"] == pytest.approx(0.16)
    assert candidate.settings["trees"] == STAGE
    assert loss(candidate.margins) < loss(Growth(FOLDED, slow).complete().margins)


def turned_at_last() -> Sample:
    """The sample with other outcomes of the newest fold."""
    y = SAMPLE.y.copy()
    y[FOLDS[-1].held_out] = 1 - y[FOLDS[-1].held_out]
    return replace(SAMPLE, y=y)


@pytest.mark.parametrize("name", TREES)
def test_the_outcomes_of_held_out_rows_are_not_learned_from_by_trees(name: str) -> None:
    # The outcomes do choose the number of trees, and whether they learn faster.
    full = replace(TREES[name], trees=STAGE, rate=FASTEST)
    one, two = (
        trees(name, FoldedSample(each, FOLDS, LINEAR.terms), full, LINEAR).margins
        for each in (SAMPLE, turned_at_last())
    )
    np.testing.assert_array_equal(one, two)


def test_the_outcomes_of_held_out_rows_are_not_learned_from_by_the_linear_model() -> None:
    chosen = DEFAULTS.C[2:3]  # they do choose among several
    one, two = (linear_model(each, FOLDS, chosen) for each in (SAMPLE, turned_at_last()))
    assert one.terms == two.terms
    np.testing.assert_array_equal(one.candidate.margins, two.candidate.margins)


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_explanation_of_a_candidate_adds_up(name: str) -> None:
    fitted = CANDIDATES[name].fit(SAMPLE, 3)
    assert (fitted.linear is None) is (name in TREES and not TREES[name].offset)
    assert (fitted.trees is None) is (name == "logistic")
    for part in (fitted.linear, fitted.trees):
        if part is not None:
            np.testing.assert_allclose(part.contributions(NEW).sum(axis=1), part.margin(NEW), atol=1e-9, rtol=0)


def test_the_penalty_of_the_linear_model_is_the_best_of_all() -> None:
    losses = []
    for C in DEFAULTS.C:
        margins = []
        for fold in FOLDS:
            rows = SAMPLE.rows(fold.train)
            terms = fit_logistic(rows.X, rows.y, rows.weight, rows.features, [C])[0]
            margins.append(terms.margin(SAMPLE.X[fold.held_out]))
        losses.append(loss(np.concatenate(margins)))
    assert LINEAR.candidate.settings == {"strength": DEFAULTS.C[int(np.argmin(losses))]}
    assert loss(LINEAR.candidate.margins) == pytest.approx(min(losses), abs=1e-5)


@pytest.mark.parametrize("name", TREES)
def test_the_leaves_of_a_candidate_are_those_of_its_trees(name: str) -> None:
    settings = CANDIDATES[name].settings
    assert settings == replace(TREES[name], trees=settings["trees"], rate=settings["rate"]).to_dict()
    assert CANDIDATES[name].leaves == settings["trees"] * TREES[name].leaves


def test_trees_that_are_plainly_worse_than_a_rival_are_no_candidate() -> None:
    truth = SAMPLE.y[ROWS] * 20 - 10
    assert tree_candidate("trees", FOLDED, SMALL, LINEAR, rival=truth) is None
    worse = tree_candidate("trees", FOLDED, SMALL, LINEAR, rival=-truth)
    assert worse is not None
    np.testing.assert_array_equal(worse.margins, CANDIDATES["native"].margins)


def test_trees_on_the_linear_model_know_what_it_does_not_know_and_what_it_knows() -> None:
    assert loss(CANDIDATES["native on the linear model"].margins) < loss(LINEAR.candidate.margins) - 0.01
    one = CANDIDATES["native on the linear model"].fit(SAMPLE, 1)
    assert one.linear == LINEAR.fit(SAMPLE) == LINEAR.candidate.fit(SAMPLE, 1).linear


def test_without_an_offset_the_linear_model_does_not_matter() -> None:
    alone = trees("native", FoldedSample(SAMPLE, FOLDS), SMALL)
    np.testing.assert_array_equal(alone.margins, CANDIDATES["native"].margins)


@pytest.mark.parametrize("name", ["native", "one_hot on the linear model"])
def test_bags_are_the_mean_of_boosters_of_different_seeds(name: str) -> None:
    candidate, seed = CANDIDATES[name], SAMPLE.seed
    bags = [total(candidate, NEW, replace(SAMPLE, seed=seed + bag)) for bag in range(3)]
    assert np.ptp(bags, axis=0).max() > 0.01
    np.testing.assert_allclose(total(candidate, NEW, bags=3), np.mean(bags, axis=0), atol=1e-9)


def test_more_bags_have_more_trees_of_no_more_leaves_each() -> None:
    candidate = CANDIDATES["target"]
    for bags in (1, 3):
        fitted = candidate.fit(SAMPLE, bags).trees
        assert fitted is not None
        leaves = [int(line[len("num_leaves=") :]) for line in fitted.text.split("\n") if line.startswith("num_leaves=")]
        assert len(leaves) == bags * candidate.settings["trees"]
        assert sum(leaves) <= bags * candidate.leaves


def test_bags_of_one_seed_are_the_same_bit_for_bit() -> None:
    one, two = (CANDIDATES["target on the linear model"].fit(SAMPLE, 2) for _ in range(2))
    assert isinstance(one.trees, Booster)
    assert isinstance(two.trees, Booster)
    assert one.trees.text == two.trees.text
    assert one.linear == two.linear


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_half_life_makes_the_newest_rows_count_more(name: str) -> None:
    rows = SAMPLE
    turned = np.where(rows.time_rank < np.median(rows.time_rank), 1 - rows.y, rows.y)
    x = rows.X[:, 0]
    steep = [
        np.nanmean(np.where(x > 0, 1, -1) * total(CANDIDATES[name], rows.X, replace(rows, y=turned, half_life=half)))
        for half in (None, 0.1)
    ]
    assert steep[1] > steep[0] + 0.2


def test_signs_are_handed_to_the_linear_models_and_the_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, ...]] = []

    def watch(sample: Sample, *rest: object) -> object:
        given.append(sample.monotone)
        return train_trees(sample, *rest)  # type: ignore[arg-type]

    def watch_growth(rows: BinnedSample | PooledSample, sample: Sample, *rest: object) -> object:
        given.append(sample.monotone)
        return growing_trees(rows, sample, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(candidates, "train_trees", watch)
    monkeypatch.setattr(growth, "growing_trees", watch_growth)
    signs = (1, -1, *(0,) * 6)
    signed = replace(SAMPLE, monotone=signs)
    linear = linear_model(signed, FOLDS, DEFAULTS.C)
    folded = FoldedSample(signed, FOLDS, linear.terms)
    trees("trees", folded, TREES["target on the linear model"], linear).fit(signed, 2)
    assert given == [signs] * (len(FOLDS) + 2)
    wrong = replace(SAMPLE, monotone=(-1, 1, *(0,) * 6))
    for terms in (*linear_model(wrong, FOLDS, DEFAULTS.C).terms, LINEAR.fit(wrong)):
        assert {term.slope for term in terms.terms if term.feature in (0, 1)} == {0.0}  # type: ignore[union-attr]


def test_chosen_trees_keep_what_was_chosen() -> None:
    margins = np.zeros(len(ROWS))
    candidate = chosen_trees("some", margins, TreeParameters(9, trees=400, l2=7.0), 2 * STAGE)
    assert candidate.margins is margins
    assert candidate.settings == TreeParameters(9, trees=2 * STAGE, l2=7.0).to_dict()
    assert (candidate.name, candidate.leaves) == ("some", 18 * STAGE)
