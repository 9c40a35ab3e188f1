import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.arrays import Floats
from models.learning.time_proxies import READS, UNSEEN, Clock, clock_warnings, find_clocks, measure_clocks
from tests.models.problems import category, number

LEADS = 1000
TIME = np.arange(LEADS)


def measure(column: Floats, levels: int | None = None) -> Clock:
    """One column over leads in order of time."""
    feature = number("it") if levels is None else category("it", levels)
    (clock,) = measure_clocks(column[:, None].astype(float), np.arange(len(column)), np.arange(len(column)), [feature])
    return clock


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_number_that_grows_is_a_clock() -> None:
    clock = measure(TIME / 10 + random().normal(0, 3, LEADS))
    assert clock.auc > 0.95
    assert clock.unseen > 0.7


def test_a_number_that_falls_is_the_same_clock() -> None:
    column = TIME / 10 + random().normal(0, 3, LEADS)
    assert measure(-column).auc == pytest.approx(measure(column).auc, abs=0.01)


def test_an_index_with_a_value_for_each_stretch_of_time_is_a_clock() -> None:
    values = random().permutation(11).astype(float)  # in no order: no monotone rule sees it
    clock = measure(values[TIME * 11 // LEADS])
    assert clock.auc > 0.98
    assert clock.unseen > 0.8


def test_a_signal_that_only_began_lately_is_a_clock() -> None:
    began = np.where(TIME > 0.8 * LEADS, random().poisson(3, LEADS) + 1, 0)
    clock = measure(began)
    assert clock.auc > 0.99
    assert clock.unseen > 0.95


def test_a_signal_that_ended_is_a_clock_although_nothing_new_was_seen() -> None:
    clock = measure(np.where(TIME < 0.4 * LEADS, random().normal(size=LEADS), np.nan))
    assert clock.auc > 0.99
    assert clock.unseen == 0


def test_levels_that_follow_each_other_are_a_clock() -> None:
    column = np.clip(TIME * 5 // LEADS - random().integers(0, 2, LEADS), 0, 4).astype(float)
    column[random().random(LEADS) < 0.05] = 5  # an unknown level
    clock = measure(column, levels=5)
    assert clock.auc > 0.9
    assert clock.unseen > 0.4


def test_a_level_that_came_up_lately_is_unseen_where_it_stands() -> None:
    column = random().integers(0, 3, LEADS).astype(float)
    column[(TIME >= 0.8 * LEADS) & (random(1).random(LEADS) < 0.4)] = 3
    clock = measure(column, levels=4)
    assert clock.unseen == pytest.approx(0.4, abs=0.08)
    assert clock.auc < READS
    assert clock_warnings([clock]) != []


@pytest.mark.parametrize(("years", "reads"), [(0.75, True), (3, False), (6, False)])
def test_a_season_is_a_clock_only_in_a_short_history(years: float, reads: bool) -> None:
    month = (TIME / LEADS * years * 12).astype(int) % 12
    assert (measure(month, levels=12).auc >= READS) is reads
    assert (measure(month).auc >= READS) is reads


@pytest.mark.parametrize("leads", [60, 80, 150, 400, 3000])
def test_noise_is_never_a_clock(leads: int) -> None:
    for seed in range(30):
        draw = random(seed)
        X = np.column_stack(
            [
                draw.normal(size=(leads, 5)),
                draw.lognormal(1, 2, (leads, 3)),
                draw.poisson(0.3, (leads, 5)),
                draw.integers(0, 5, (leads, 5)),
                draw.integers(0, 300, (leads, 2)),
            ]
        ).astype(float)
        X[draw.random(X.shape) < 0.1] = np.nan
        features = [*(number(f"number {k}") for k in range(13)), *(category(f"few {k}", 5) for k in range(5))]
        features += [category(f"many {k}", 300) for k in range(2)]
        assert find_clocks(X, draw.permutation(leads), np.arange(leads), features) == []


def test_the_best_of_four_boundaries_makes_little_of_noise() -> None:
    found = [measure_clocks(random(s).normal(size=(500, 4)), TIME[:500], TIME[:500], [number(n) for n in "abcd"])
             for s in range(30)]  # fmt: skip
    assert np.mean([clock.auc for clocks in found for clock in clocks]) < 0.56


@pytest.mark.parametrize("column", [np.full(LEADS, 3.0), np.full(LEADS, np.nan), np.zeros(LEADS)])
@pytest.mark.parametrize("levels", [None, 4])
def test_a_column_that_says_nothing_is_no_clock(column: Floats, levels: int | None) -> None:
    assert measure(column, levels) == Clock("it", 0.5, 0.0)


@pytest.mark.parametrize("leads", [0, 1, 5, 79])
def test_few_leads_tell_nothing(leads: int) -> None:
    assert measure(np.arange(float(leads))) == Clock("it", 0.5, 0.0)


@given(st.lists(st.floats(), min_size=1, max_size=9), st.integers(80, 200))
@settings(max_examples=100, deadline=None)
def test_any_numbers_have_an_auc_and_a_share(values: list[float], leads: int) -> None:
    clock = measure(np.resize(np.array(values), leads))
    assert 0 <= clock.auc <= 1
    assert 0 <= clock.unseen <= 1


def test_without_features_there_are_no_clocks() -> None:
    assert find_clocks(np.empty((100, 0)), np.arange(100), np.arange(100), []) == []


def test_a_lead_stays_on_one_side_however_many_rows_it_has() -> None:
    """A number that belongs to the lead alone would tell its other rows' time if they were on both sides."""
    leads = random().permutation(200)
    group = np.repeat(leads, 20)
    column = np.repeat(random(1).permutation(200).astype(float), 20)
    (clock,) = measure_clocks(column[:, None], np.arange(4000), group, [number("its own number")])
    assert clock.auc < 0.65


def test_a_lead_counts_once_however_many_rows_it_has() -> None:
    times = random().integers(1, 6, LEADS)
    column = TIME / 10 + random().normal(0, 20, LEADS)
    rows = np.repeat(TIME, times)
    (many,) = measure_clocks(column[rows][:, None], np.arange(len(rows)), rows, [number("it")])
    assert many.auc == pytest.approx(measure(column).auc, abs=0.02)
    assert many.unseen == pytest.approx(measure(column).unseen, abs=0.05)


def test_the_order_of_rows_means_nothing() -> None:
    X = np.column_stack([TIME + 0.0, random().normal(size=LEADS)])
    features = [number("clock"), number("noise")]
    order = random().permutation(LEADS)
    straight = measure_clocks(X, TIME, TIME, features)
    mixed = measure_clocks(X[order], TIME[order], TIME[order], features)
    assert mixed == straight


def test_rows_of_one_moment_are_no_reason_to_fail() -> None:
    (clock,) = measure_clocks(random().normal(size=(LEADS, 1)), np.zeros(LEADS, dtype=np.int64), TIME, [number("it")])
    assert clock.auc < 0.6


def clocks_of(X: Floats, names: Sequence[str]) -> list[Clock]:
    return find_clocks(X, TIME, TIME, [number(name) for name in names])


def test_found_clocks_come_strongest_first_and_as_json() -> None:
    noise = random().normal(size=LEADS)
    trend, weaker = TIME + 0.0, TIME + 100 * random(1).normal(size=LEADS)
    found = clocks_of(np.column_stack([noise, weaker, trend]), ["noise", "weaker", "trend"])
    assert [clock.feature for clock in found] == ["trend", "weaker"]
    told = json.loads(json.dumps([clock.to_json() for clock in found]))
    assert told[0]["feature"] == "trend"
    assert set(told[0]) == {"feature", "auc", "unseen"}
    assert told[0]["auc"] == pytest.approx(found[0].auc, abs=1e-4)


def test_nothing_found_is_nothing_said() -> None:
    assert clock_warnings([]) == []
    assert clock_warnings([Clock("it", READS - 0.01, UNSEEN - 0.01)]) == []


def test_clocks_are_named_and_what_was_never_seen_is_told_with_its_share() -> None:
    reads, unseen = clock_warnings([Clock("euribor", 0.99, 0.1), Clock("channel", 0.7, 0.4)])
    assert reads.startswith("Features that read the clock: euribor. ")
    assert "channel (40 % of them)." in unseen
    assert "euribor" not in unseen


def test_many_clocks_are_counted() -> None:
    (told,) = clock_warnings([Clock(f"f{k}", 1.0, 0.0) for k in range(8)])
    assert "f0, f1, f2, f3, f4 and 3 more." in told
