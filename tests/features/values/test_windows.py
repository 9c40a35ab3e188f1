"""The kernel against a plain reading of what each aggregate means."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings

from features.arrays import DAY, Floats
from features.event_types import CORE_TYPES, INTERNAL_TYPES
from features.feature import About
from features.values.timeline import Timeline
from features.values.windows import (
    ABOUT_THINGS,
    AGGREGATES,
    BEHAVIOURS,
    DESCRIPTIONS,
    Scope,
    Window,
    about_things,
    open_behaviour,
    open_rates,
)
from tests.features.companies import BEGIN, HOUR, Company, companies, moments, requests_of
from tests.features.requests import ActivityInput, LeadRequest, records_of

RATES = open_rates(["factory_tour", "factory_plan"])
OPEN = (
    open_behaviour("Señal"),
    open_behaviour("factory_tour"),
    *RATES,
    open_behaviour("factory_tour", "account"),
    *open_rates(["factory_tour", "factory_plan"], "account"),
)
WINDOWS = [
    window for behaviour in (*BEHAVIOURS, *OPEN, *ABOUT_THINGS, *about_things(OPEN)) for window in behaviour.windows()
]


def plainly(window: Window, lead: Mapping[str, Any], activities: list[ActivityInput], as_of: int) -> float:
    """The aggregate of one window, as its meaning says it."""
    if window.about != "anything" and not thing_of(lead, window.about):
        return math.nan
    earlier = sorted((each for each in activities if each["occurred_at"] < as_of), key=lambda each: each["occurred_at"])
    related = [
        each
        for each in earlier
        if window.about == "anything" or thing_of(each, window.about) == thing_of(lead, window.about)
    ]
    chosen = [each for each in related if belongs(window.types, each["type"])]
    match window.aggregate:
        case "automated":
            return sum(bool(each["is_automated"]) for each in chosen) / len(chosen) if chosen else math.nan
        case "rate":
            per = by_people([each for each in related if each["type"] in window.per_types])
            return len(by_people(chosen)) / len(per) if per else math.nan
        case "relative_recency":
            at = [each["occurred_at"] for each in by_people(earlier) if belongs((), each["type"])]
            last = max((each["occurred_at"] for each in by_people(chosen)), default=math.nan)
            return (as_of - last) / float(np.diff(at).mean()) if np.diff(at).any() else math.nan
    return of_events(window, by_people(chosen), as_of)


def of_events(window: Window, chosen: list[ActivityInput], as_of: int) -> float:
    """An aggregate that looks at nothing but the events of its types."""
    ages = [(as_of - each["occurred_at"]) / DAY for each in chosen]
    if window.aggregate == "decayed":
        return math.fsum(0.5 ** (age / window.span_days) for age in ages)
    chosen = [each for each, age in zip(chosen, ages, strict=True) if not window.span_days or age <= window.span_days]
    ages = [(as_of - each["occurred_at"]) / DAY for each in chosen]
    values = [value for each in chosen if (value := each.get("value")) is not None and not math.isnan(value)]
    kinds = {each["type"] for each in chosen}
    named = {*CORE_TYPES, "Señal", "factory_tour", "factory_plan"}
    return {
        "count": len(chosen),
        "days": len({each["occurred_at"] // DAY for each in chosen}),
        "recency": min(ages, default=math.nan),
        "first": max(ages, default=math.nan),
        "trend": sum(1 if age <= window.span_days / 2 else -1 for age in ages),
        "sum": sum(values),
        "mean": sum(values) / len(values) if values else math.nan,
        "max": max(values, default=math.nan),
        "types": len(kinds & named) + bool(kinds - named),
    }[window.aggregate]


def by_people(activities: list[ActivityInput]) -> list[ActivityInput]:
    return [each for each in activities if not each.get("is_automated")]


def belongs(types: tuple[str, ...], kind: str) -> bool:
    return kind in types if types else kind not in INTERNAL_TYPES


def thing_of(row: Mapping[str, Any], about: About) -> str:
    named = [" ".join((row.get(name) or "").lower().split()) for name in ("related_to", "campaign", "related_kind")]
    return named[2] if about == "kind" else named[0] or named[1]


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
            np.testing.assert_allclose(
                value, plainly(window, request["lead"], activities, as_of), rtol=1e-12, err_msg=window.name
            )


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


def test_clicks_are_counted_per_opened_mail() -> None:
    mails = [visit(hours, "email_open") for hours in (9, 8, 7, 6)] + [visit(5, "email_click")]
    request: LeadRequest = {"lead": {}, "as_of": BEGIN, "activities": mails}
    assert value_of("email_click.per_email_open", request) == 0.25
    assert value_of("email_reply.per_email_open", request) == 0
    assert math.isnan(value_of("pricing_view.per_page_view", request))


def test_a_pause_is_measured_by_the_rhythm_of_the_lead() -> None:
    weekly = [visit(24 * days, "page_view") for days in (28, 21, 14)]
    daily = [visit(24 * days, "page_view") for days in (16, 15, 14)]
    for activities, pauses in ((weekly, 2), (daily, 14)):
        request: LeadRequest = {"lead": {}, "as_of": BEGIN, "activities": activities}
        assert value_of("any.relative_recency", request) == pauses
    once: LeadRequest = {"lead": {}, "as_of": BEGIN, "activities": weekly[:1]}
    assert math.isnan(value_of("any.relative_recency", once))


def test_only_what_is_about_the_object_of_the_lead_counts_for_it() -> None:
    offers = [("A", "discount"), ("A", "discount"), ("B", "discount"), ("C", "trial"), (None, None)]
    request: LeadRequest = {
        "lead": {"related_to": " a", "related_kind": "Discount"},
        "as_of": BEGIN,
        "activities": [
            {**visit(hours, "page_view", value=10.0), "related_to": offer, "related_kind": kind}
            for hours, (offer, kind) in enumerate(offers, start=1)
        ],
    }
    assert value_of("page_view.same_object.count", request) == 2
    assert value_of("page_view.same_kind.count", request) == 3
    assert value_of("page_view.same_object.sum", request) == 20
    assert value_of("any.same_object.recency", request) == 1 / 24
    assert math.isnan(value_of("any.same_object.count", {**request, "lead": {}}))


def test_the_campaign_stands_in_for_an_object_that_is_not_named() -> None:
    activities: list[ActivityInput] = [
        {**visit(1), "campaign": "spring"},
        {**visit(2), "campaign": "spring", "related_to": "offer"},
    ]
    request: LeadRequest = {"lead": {"campaign": "Spring"}, "as_of": BEGIN, "activities": activities}
    assert value_of("any.same_object.count", request) == 1


def test_steps_that_begin_with_the_same_word_are_one_funnel() -> None:
    rates = open_rates(["offer_received", "offer viewed", "transaction", "Offer-completed"])
    assert [(each.activity, each.per) for each in rates] == [
        ("offer viewed", "offer_received"),
        ("Offer-completed", "offer_received"),
        ("Offer-completed", "offer viewed"),
    ]


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
