import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.arrays import Floats
from models.learning.time_proxies import (
    MIN_AUC,
    MIN_UNSEEN,
    TimeDependence,
    find_time_proxies,
    measure_time_proxies,
    time_proxy_warnings,
)
from tests.models.problems import category, number

LEADS = 1000
TIME = np.arange(LEADS)


def measure(column: Floats, levels: int | None = None) -> TimeDependence:
    """One column over leads in order of time."""
    feature = number("it") if levels is None else category("it", levels)
    (proxy,) = measure_time_proxies(
        column[:, None].astype(float), np.arange(len(column)), np.arange(len(column)), [feature]
    )
    return proxy


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_number_that_grows_is_a_time_proxy() -> None:
    proxy = measure(TIME / 10 + random().normal(0, 3, LEADS))
    assert proxy.auc > 0.95
    assert proxy.unseen > 0.7


def test_a_number_that_falls_is_the_same_time_proxy() -> None:
    column = TIME / 10 + random().normal(0, 3, LEADS)
    assert measure(-column).auc == pytest.approx(measure(column).auc, abs=0.01)


def test_an_index_with_a_value_for_each_stretch_of_time_is_a_time_proxy() -> None:
    values = random().permutation(11).astype(float)  # in no order: no monotone rule sees it
    proxy = measure(values[TIME * 11 // LEADS])
    assert proxy.auc > 0.98
    assert proxy.unseen > 0.8


def test_a_signal_that_only_began_lately_is_a_time_proxy() -> None:
    began = np.where(TIME > 0.8 * LEADS, random().poisson(3, LEADS) + 1, 0)
    proxy = measure(began)
    assert proxy.auc > 0.99
    assert proxy.unseen > 0.95


def test_a_signal_that_ended_is_a_time_proxy_although_nothing_new_was_seen() -> None:
    proxy = measure(np.where(TIME < 0.4 * LEADS, random().normal(size=LEADS), np.nan))
    assert proxy.auc > 0.99
    assert proxy.unseen == 0


def test_levels_that_follow_each_other_are_a_time_proxy() -> None:
    column = np.clip(TIME * 5 // LEADS - random().integers(0, 2, LEADS), 0, 4).astype(float)
    column[random().random(LEADS) < 0.05] = 5  # an unknown level
    proxy = measure(column, levels=5)
    assert proxy.auc > 0.9
    assert proxy.unseen > 0.4


def test_a_level_that_came_up_lately_is_unseen_where_it_stands() -> None:
    column = random().integers(0, 3, LEADS).astype(float)
    column[(TIME >= 0.8 * LEADS) & (random(1).random(LEADS) < 0.4)] = 3
    proxy = measure(column, levels=4)
    assert proxy.unseen == pytest.approx(0.4, abs=0.08)
    assert proxy.auc < MIN_AUC
    assert time_proxy_warnings([proxy]) != []


@pytest.mark.parametrize(("years", "reads"), [(0.75, True), (3, False), (6, False)])
def test_a_season_is_a_time_proxy_only_in_a_short_history(years: float, reads: bool) -> None:
    month = (TIME / LEADS * years * 12).astype(int) % 12
    assert (measure(month, levels=12).auc >= MIN_AUC) is reads
    assert (measure(month).auc >= MIN_AUC) is reads


@pytest.mark.parametrize("leads", [60, 80, 150, 400, 3000])
def test_noise_is_never_a_time_proxy(leads: int) -> None:
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
        assert find_time_proxies(X, draw.permutation(leads), np.arange(leads), features) == []


def test_the_best_of_four_boundaries_makes_little_of_noise() -> None:
    found = [measure_time_proxies(random(s).normal(size=(500, 4)), TIME[:500], TIME[:500], [number(n) for n in "abcd"])
             for s in range(30)]  # fmt: skip
    assert np.mean([proxy.auc for proxies in found for proxy in proxies]) < 0.56


@pytest.mark.parametrize("column", [np.full(LEADS, 3.0), np.full(LEADS, np.nan), np.zeros(LEADS)])
@pytest.mark.parametrize("levels", [None, 4])
def test_a_column_that_says_nothing_is_not_a_time_proxy(column: Floats, levels: int | None) -> None:
    assert measure(column, levels) == TimeDependence("it", 0.5, 0.0)


@pytest.mark.parametrize("leads", [0, 1, 5, 79])
def test_few_leads_tell_nothing(leads: int) -> None:
    assert measure(np.arange(float(leads))) == TimeDependence("it", 0.5, 0.0)


@given(st.lists(st.floats(), min_size=1, max_size=9), st.integers(80, 200))
@settings(max_examples=100, deadline=None)
def test_any_numbers_have_an_auc_and_a_share(values: list[float], leads: int) -> None:
    proxy = measure(np.resize(np.array(values), leads))
    assert 0 <= proxy.auc <= 1
    assert 0 <= proxy.unseen <= 1


def test_without_features_there_are_no_time_proxies() -> None:
    assert find_time_proxies(np.empty((100, 0)), np.arange(100), np.arange(100), []) == []


def test_a_lead_stays_on_one_side_however_many_rows_it_has() -> None:
    """A number that belongs to the lead alone would tell its other rows' time if they were on both sides."""
    leads = random().permutation(200)
    group = np.repeat(leads, 20)
    column = np.repeat(random(1).permutation(200).astype(float), 20)
    (proxy,) = measure_time_proxies(column[:, None], np.arange(4000), group, [number("its own number")])
    assert proxy.auc < 0.65


def test_a_lead_counts_once_however_many_rows_it_has() -> None:
    times = random().integers(1, 6, LEADS)
    column = TIME / 10 + random().normal(0, 20, LEADS)
    rows = np.repeat(TIME, times)
    (many,) = measure_time_proxies(column[rows][:, None], np.arange(len(rows)), rows, [number("it")])
    assert many.auc == pytest.approx(measure(column).auc, abs=0.02)
    assert many.unseen == pytest.approx(measure(column).unseen, abs=0.05)


def test_the_order_of_rows_means_nothing() -> None:
    X = np.column_stack([TIME + 0.0, random().normal(size=LEADS)])
    features = [number("time"), number("noise")]
    order = random().permutation(LEADS)
    straight = measure_time_proxies(X, TIME, TIME, features)
    mixed = measure_time_proxies(X[order], TIME[order], TIME[order], features)
    assert mixed == straight


def test_rows_of_one_moment_are_no_reason_to_fail() -> None:
    (proxy,) = measure_time_proxies(
        random().normal(size=(LEADS, 1)), np.zeros(LEADS, dtype=np.int64), TIME, [number("it")]
    )
    assert proxy.auc < 0.6


def proxies_of(X: Floats, names: Sequence[str]) -> list[TimeDependence]:
    return find_time_proxies(X, TIME, TIME, [number(name) for name in names])


def test_found_time_proxies_come_strongest_first_and_as_json() -> None:
    noise = random().normal(size=LEADS)
    trend, weaker = TIME + 0.0, TIME + 100 * random(1).normal(size=LEADS)
    found = proxies_of(np.column_stack([noise, weaker, trend]), ["noise", "weaker", "trend"])
    assert [proxy.feature for proxy in found] == ["trend", "weaker"]
    told = json.loads(json.dumps([proxy.to_json() for proxy in found]))
    assert told[0]["feature"] == "trend"
    assert set(told[0]) == {"feature", "auc", "unseen"}
    assert told[0]["auc"] == pytest.approx(found[0].auc, abs=1e-4)


def test_nothing_found_is_nothing_said() -> None:
    assert time_proxy_warnings([]) == []
    assert time_proxy_warnings([TimeDependence("it", MIN_AUC - 0.01, MIN_UNSEEN - 0.01)]) == []


def test_time_proxies_are_named_and_what_was_never_seen_is_told_with_its_share() -> None:
    reads, unseen = time_proxy_warnings([TimeDependence("euribor", 0.99, 0.1), TimeDependence("channel", 0.7, 0.4)])
    assert reads.startswith("Time-dependent features: euribor. ")
    assert "channel (40% of them)." in unseen
    assert "euribor" not in unseen


def test_many_time_proxies_are_counted() -> None:
    (told,) = time_proxy_warnings([TimeDependence(f"f{k}", 1.0, 0.0) for k in range(8)])
    assert "f0, f1, f2, f3, f4 and 3 more." in told
