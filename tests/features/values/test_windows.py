"""The kernel against a plain reading of what each aggregate means."""

import math

import numpy as np
from hypothesis import HealthCheck, given, settings

from features.arrays import DAY, Floats
from features.event_types import CORE_TYPES, INTERNAL_TYPES
from features.values.timeline import Timeline
from features.values.windows import AGGREGATES, BEHAVIOURS, DESCRIPTIONS, Scope, Window, open_behaviour
from tests.features.companies import BEGIN, HOUR, Company, companies, moments, requests_of
from tests.features.requests import ActivityInput, LeadRequest, records_of

WINDOWS = [window for behaviour in (*BEHAVIOURS, open_behaviour("Señal")) for window in behaviour.windows()]


def plainly(window: Window, activities: list[ActivityInput], as_of: int) -> float:
    """The aggregate of one window, as its meaning says it."""
    chosen = sorted(
        (each for each in activities if each["occurred_at"] < as_of and belongs(window, each["type"])),
        key=lambda each: each["occurred_at"],
    )
    if window.aggregate == "automated":
        return sum(bool(each["is_automated"]) for each in chosen) / len(chosen) if chosen else math.nan
    chosen = [each for each in chosen if not each.get("is_automated")]
    ages = [(as_of - each["occurred_at"]) / DAY for each in chosen]
    if window.aggregate == "decayed":
        return math.fsum(0.5 ** (age / window.span_days) for age in ages)
    chosen = [each for each, age in zip(chosen, ages, strict=True) if not window.span_days or age <= window.span_days]
    ages = [(as_of - each["occurred_at"]) / DAY for each in chosen]
    values = [value for each in chosen if (value := each.get("value")) is not None and not math.isnan(value)]
    match window.aggregate:
        case "count":
            return len(chosen)
        case "days":
            return len({each["occurred_at"] // DAY for each in chosen})
        case "recency":
            return min(ages, default=math.nan)
        case "first":
            return max(ages, default=math.nan)
        case "trend":
            return sum(1 if age <= window.span_days / 2 else -1 for age in ages)
        case "sum":
            return sum(values)
        case "types":
            known = {each["type"] for each in chosen if each["type"] in CORE_TYPES or each["type"] == "Señal"}
            return len(known) + any(each["type"] not in {*CORE_TYPES, "Señal"} for each in chosen)
    raise AssertionError(window.aggregate)


def belongs(window: Window, kind: str) -> bool:
    return kind in window.types if window.types else kind not in INTERNAL_TYPES


def filled(windows: list[Window], scope: Scope, request: LeadRequest) -> Floats:
    out: Floats = np.full((1, len(windows)), -1e300)
    Timeline.of(windows, scope).fill(out, records_of([request]), np.array([0]), np.array([request["as_of"]]))
    return out.ravel()


@given(companies(), moments)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_each_window_is_what_its_meaning_says(company: Company, as_of: int) -> None:
    """All but `last`, whose choice among events at one moment has its own test."""
    request = requests_of(company, as_of)[0]
    account = request.get("account")
    others = [] if account is None else account["activities"]
    timelines: tuple[tuple[Scope, list[ActivityInput]], ...] = (("lead", [*request["activities"]]), ("account", others))
    for scope, activities in timelines:
        windows = [each for each in WINDOWS if each.scope == scope]
        values = filled(windows, scope, request)
        for window, value in zip(windows, values, strict=True):
            if window.aggregate == "last" or (window.activity in INTERNAL_TYPES and scope == "lead"):
                continue
            np.testing.assert_allclose(value, plainly(window, activities, as_of), rtol=1e-12, err_msg=window.name)


def value_of(name: str, request: LeadRequest) -> float:
    window = next(each for each in WINDOWS if each.name == name)
    return float(filled([window], window.scope, request)[0])


def visit(
    hours_ago: int, kind: str = "pricing_view", *, value: float | None = None, is_automated: bool = False
) -> ActivityInput:
    return ActivityInput(type=kind, occurred_at=BEGIN - hours_ago * HOUR, value=value, is_automated=is_automated)


def test_four_visits_of_which_three_lie_in_the_last_week() -> None:
    request: LeadRequest = {
        "lead": {},
        "as_of": BEGIN,
        "activities": [visit(0), visit(1), visit(30), visit(7 * 24), visit(7 * 24 + 1)],
    }
    assert value_of("pricing_view.count_7d", request) == 3
    assert value_of("pricing_view.count", request) == 4
    assert value_of("pricing_view.recency", request) == 1 / 24


def test_intensity_halves_per_half_life() -> None:
    request: LeadRequest = {"lead": {}, "as_of": BEGIN, "activities": [visit(7 * 24), visit(14 * 24)]}
    assert value_of("pricing_view.decayed_7d", request) == 0.75


def test_automated_clicks_count_for_their_share_alone() -> None:
    clicks = [visit(2, "email_click", is_automated=True), visit(3, "email_click", is_automated=True), visit(4, "call")]
    request: LeadRequest = {"lead": {}, "as_of": BEGIN, "activities": clicks}
    assert value_of("email_click.count", request) == 0
    assert value_of("any.count", request) == 1
    assert value_of("automated.automated", request) == 2 / 3


def test_the_last_value_skips_events_without_one() -> None:
    request: LeadRequest = {
        "lead": {},
        "as_of": BEGIN,
        "activities": [visit(9, "cart_add", value=5.0), visit(8, "cart_add", value=7.0), visit(7, "cart_add")],
    }
    assert value_of("cart_add.last", request) == 7


def test_answers_of_sales_are_no_activities() -> None:
    request: LeadRequest = {
        "lead": {},
        "as_of": BEGIN,
        "dispositions": [{"at": BEGIN - DAY, "verdict": "ready", "budget": True, "need": False, "sentiment": -0.5}],
    }
    assert value_of("any.count", request) == 0
    assert value_of("verdict_ready.count", request) == 1
    assert value_of("bant_budget.last", request) == 1
    assert value_of("bant_need.last", request) == 0
    assert math.isnan(value_of("bant_authority.last", request))
    assert value_of("bant_sentiment.last", request) == -0.5


def test_deals_of_the_account_are_those_of_other_leads() -> None:
    won = ActivityInput(type="deal_won", occurred_at=BEGIN - 10 * DAY, value=500.0)
    request: LeadRequest = {"lead": {}, "as_of": BEGIN, "account": {"activities": [won, visit(1)]}}
    assert value_of("account.deal_won.sum", request) == 500
    assert value_of("account.any.count", request) == 1
    assert value_of("any.count", request) == 0


def test_every_aggregate_has_a_unit_and_a_meaning() -> None:
    assert set(AGGREGATES) == set(DESCRIPTIONS)
    assert all(unit and meaning for unit, meaning in DESCRIPTIONS.values())


def test_every_core_type_is_declared() -> None:
    assert set(CORE_TYPES) <= {behaviour.activity for behaviour in BEHAVIOURS}


def test_no_window_is_declared_twice() -> None:
    assert len({window.name for window in WINDOWS}) == len(WINDOWS)
