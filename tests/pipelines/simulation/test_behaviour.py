from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from pipelines.simulation.arrays import DAY, Integers
from pipelines.simulation.behaviour import (
    GROUPS,
    LIVELINESS,
    NAMES,
    PHASES,
    RATE,
    Events,
    draw_behaviour,
    expected,
    log_ratio,
)


def events(*seen: tuple[str, float]) -> Events:
    """Activities of one lead: type and age in days."""
    kinds = np.array([NAMES.index(name) for name, _ in seen], dtype=np.int64)
    ages = np.array([int(age * DAY) for _, age in seen], dtype=np.int64)
    return Events(np.zeros_like(kinds), ages, kinds, np.zeros(kinds.size, dtype=np.bool_))


def likelihood_by_integration(seen: Events, of_class: int, age_days: float) -> float:
    """Density of everything seen before an age: the Poisson processes given the liveliness, integrated over it."""
    before = seen.age < age_days * DAY
    phase = np.searchsorted(PHASES[1:-1] * DAY, seen.age[before], side="right")
    density = 1.0
    for group, types in GROUPS.items():
        mine: Integers = seen.type[before]
        rates = RATE[of_class, phase, mine][np.isin(mine, types)]
        days = np.clip(age_days - PHASES[:-1], 0, np.diff(PHASES))
        total = float(RATE[of_class][:, types].sum(axis=1) @ days)
        k = LIVELINESS[group]

        def given(
            g: float, rates: np.ndarray = rates, total: float = total, k: float = k
        ) -> float:  # bound at definition, since the loop moves on
            return float(np.prod(g * rates) * np.exp(-g * total) * gamma.pdf(g, k, scale=1 / k))

        density *= quad(given, 0, 60, limit=400, epsabs=0)[0]
    return density


@pytest.mark.parametrize("age_days", [0.0, 3.0, 14.0, 30.0, 100.0])
def test_the_closed_form_equals_integration_over_the_liveliness(age_days: float) -> None:
    seen = events(
        ("page_view", 0.01),
        ("page_view", 0.5),
        ("pricing_view", 0.6),
        ("email_open", 2.0),
        ("unsubscribe", 5.0),
        ("demo_request", 9.0),
        ("pricing_view", 20.0),
        ("meeting_booked", 29.0),
        ("quote_request", 95.0),
    )
    ratio = likelihood_by_integration(seen, 1, age_days) / likelihood_by_integration(seen, 0, age_days)
    assert log_ratio(seen, 1, age_days)[0] == pytest.approx(np.log(ratio), abs=1e-6)


def test_a_lead_that_does_nothing_looks_ever_less_like_a_buyer() -> None:
    ratios = [log_ratio(events(), 1, age)[0] for age in (0.0, 3.0, 7.0, 14.0, 30.0)]
    assert ratios[0] == 0
    assert all(later < earlier for earlier, later in pairwise(ratios))


def test_browsing_says_nothing_and_intent_speaks_for_the_lead() -> None:
    nothing = log_ratio(events(), 1, 7.0)[0]
    assert log_ratio(events(("page_view", 1.0), ("email_open", 2.0)), 1, 7.0)[0] == pytest.approx(nothing)
    assert log_ratio(events(("demo_request", 1.0)), 1, 7.0)[0] > nothing + 0.7
    assert log_ratio(events(("bounce", 1.0)), 1, 7.0)[0] < nothing - 0.7


def test_what_happens_at_the_age_itself_is_not_seen() -> None:
    assert log_ratio(events(("demo_request", 7.0)), 1, 7.0)[0] == log_ratio(events(), 1, 7.0)[0]


@pytest.mark.parametrize("of_class", [0, 1])
def test_as_many_activities_are_drawn_as_expected(of_class: int) -> None:
    leads = 40_000
    won = np.full(leads, bool(of_class))
    seen = draw_behaviour(np.random.default_rng(0), won, np.full(leads, 30 * DAY))
    for group, types in GROUPS.items():
        mean = expected(GROUPS[group], of_class, 30.0)
        counts = np.bincount(seen.lead[np.isin(seen.type, types)], minlength=leads)
        deviation = np.sqrt((mean + mean**2 / LIVELINESS[group]) / leads)  # of a gamma-Poisson mixture
        assert counts.mean() == pytest.approx(mean, abs=4 * deviation)
        assert counts.var() == pytest.approx(mean + mean**2 / LIVELINESS[group], rel=0.1)


def test_nothing_is_drawn_after_the_lead_is_decided() -> None:
    until = np.array([0, DAY // 2, 5 * DAY, 400 * DAY])
    seen = draw_behaviour(np.random.default_rng(0), np.ones(4, dtype=np.bool_), until)
    assert (seen.age < until[seen.lead]).all()
