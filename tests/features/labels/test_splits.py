from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from data_contracts.errors import DataFallsShort, ParamsError
from features.arrays import DAY, NO_TIME, Floats
from features.labels.splits import CALIBRATE, GAP, PARTS, TEST, TRAIN, UNLABELLED, Candidates, Shares, split

SHARES = Shares(0.2, 0.2)
HORIZON = 90 * DAY


def undated(label: Floats, order: Floats | None = None) -> Candidates:
    n = label.size
    return Candidates(np.arange(n), np.full(n, NO_TIME), label, order, None, np.ones(n, np.bool_))


def dated(leads: int = 2000, days: float = 730, ages: tuple[float, ...] = (0, 7, 30), seed: int = 0) -> Candidates:
    """Leads that come evenly over the days, a tenth of them won."""
    draw = np.random.default_rng(seed)
    created = (draw.uniform(0, days, leads) * DAY).astype(np.int64)
    lead = np.repeat(np.arange(leads), len(ages))
    at = created[lead] + np.tile(np.array(ages) * DAY, leads).astype(np.int64)
    label = (np.arange(leads) % 10 == 0).astype(np.float64)[lead]
    ripe = at + HORIZON <= days * DAY
    return Candidates(lead, at, np.where(ripe, label, np.nan), created.astype(np.float64), HORIZON, ripe)


def coin(n: int, seed: int = 1) -> Floats:
    return (np.random.default_rng(seed).random(n) < 0.3).astype(np.float64)


@pytest.mark.parametrize("seed", [0, 7])
def test_a_random_split_is_that_of_scikit_learn(seed: int) -> None:
    label = coin(1013)
    made = split(undated(label), "random", SHARES, seed)
    rest, test = train_test_split(np.arange(1013), test_size=0.2, stratify=label, random_state=seed)
    _, calibrate = train_test_split(rest, test_size=0.2, stratify=label[rest], random_state=seed)
    assert set(np.flatnonzero(made.part == TEST)) == set(test)
    assert set(np.flatnonzero(made.part == CALIBRATE)) == set(calibrate)


def test_an_ordered_split_tests_on_the_last_leads() -> None:
    order = np.random.default_rng(2).permutation(1000).astype(np.float64)
    made = split(undated(coin(1000), order), "ordered", SHARES, 0)
    assert set(made.part[order >= 800]) == {TEST}
    assert set(made.part[(order >= 640) & (order < 800)]) == {CALIBRATE}
    assert set(made.part[order < 640]) == {TRAIN}


def test_leads_of_equal_order_stay_in_file_order() -> None:
    made = split(undated(coin(100), np.zeros(100)), "ordered", SHARES, 0)
    assert set(made.part[80:]) == {TEST}


def test_leads_without_a_label_take_no_place() -> None:
    label = np.where(np.arange(200) % 2, np.nan, coin(200))
    made = split(undated(label, np.arange(200.0)), "ordered", SHARES, 0)
    assert (made.part == TEST).sum() == 20
    assert (made.part[np.isnan(label)] == UNLABELLED).all()


@given(st.integers(0, 50), st.sampled_from(["out_of_time", "ordered", "random"]), st.floats(0.1, 0.4))
@settings(max_examples=20, deadline=None)
def test_no_lead_is_in_two_parts(
    seed: int, strategy: Literal["out_of_time", "ordered", "random"], share: float
) -> None:
    candidates = dated(seed=seed, ages=(0, 30, 200))
    made = split(candidates, strategy, Shares(share, share), seed)
    parts: dict[int, set[str]] = {}
    for lead, part in zip(candidates.lead_index.tolist(), made.part.tolist(), strict=True):
        parts.setdefault(lead, set()).add(part)
    assert all(len(each - {GAP, UNLABELLED}) <= 1 for each in parts.values())


@given(st.integers(0, 50))
@settings(max_examples=10, deadline=None)
def test_labels_of_a_part_are_known_before_the_next_begins(seed: int) -> None:
    candidates = dated(seed=seed)
    made = split(candidates, "out_of_time", SHARES, 0)
    at = candidates.snapshot_at
    assert at[made.part == TRAIN].max() + HORIZON < at[made.part == CALIBRATE].min()
    assert at[made.part == CALIBRATE].max() + HORIZON < at[made.part == TEST].min()


@pytest.mark.parametrize("strategy", ["out_of_time", "ordered", "random"])
def test_snapshots_whose_horizon_has_not_passed_are_in_no_part(
    strategy: Literal["out_of_time", "ordered", "random"],
) -> None:
    """Of them only those that were decided fast have a label."""
    candidates = dated()
    early = Candidates(
        candidates.lead_index,
        candidates.snapshot_at,
        np.where(candidates.mature, candidates.label, 1.0),
        candidates.order,
        HORIZON,
        candidates.mature,
    )
    made = split(early, strategy, SHARES, 0)
    assert (made.part[~early.mature] == GAP).all()


def test_auto_takes_time_where_there_is_enough_of_it() -> None:
    made = split(dated(), "auto", SHARES, 0)
    assert made.strategy == "out_of_time"


def test_auto_takes_the_order_where_the_time_is_short() -> None:
    made = split(dated(days=260), "auto", SHARES, 0)
    assert made.strategy == "ordered"
    assert "too little time" in made.why


@pytest.mark.parametrize("strategy", ["random", "ordered", "out_of_time"])
def test_no_copy_is_in_another_part_than_its_lead(strategy: Literal["random", "ordered", "out_of_time"]) -> None:
    given_ = dated()
    assert given_.order is not None
    oldest_first = np.argsort(given_.order)
    original = np.empty(oldest_first.size, np.int64)
    original[oldest_first] = np.repeat(oldest_first[::5], 5)
    candidates = replace(given_, copy_of=original)
    part = split(candidates, strategy, SHARES, seed=0).part
    for name in PARTS:
        inside = np.unique(original[candidates.lead_index[part == name]])
        others = np.isin(part, [each for each in PARTS if each != name])
        assert not np.isin(original[candidates.lead_index[others]], inside).any()


def test_auto_draws_where_nothing_orders_the_leads() -> None:
    made = split(undated(coin(500)), "auto", SHARES, 0)
    assert made.strategy == "random"
    assert "nothing orders" in made.why


def test_an_out_of_time_split_of_undated_data_is_refused() -> None:
    with pytest.raises(ParamsError, match="dated snapshots and a horizon"):
        split(undated(coin(500)), "out_of_time", SHARES, 0)


def test_a_part_with_one_class_is_refused() -> None:
    label = np.r_[coin(400), np.zeros(100)]
    with pytest.raises(DataFallsShort, match="the test part has 0 won and 100 lost"):
        split(undated(label, np.arange(500.0)), "ordered", SHARES, 0)
