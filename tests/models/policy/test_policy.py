from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.agreement import Agreement, Rule, parse_agreement
from features.arrays import DAY
from models.policy.fields import LiveLeads, RecordedLeads, is_true
from models.policy.policy import GRADES, Placement, Policy
from models.policy.reference import Reference, reference_quantiles
from tests.features.requests import LeadRequest, live_lead, moments_of, records_of

NOW = 1_000 * DAY
UNIFORM = reference_quantiles(np.linspace(0, 1, 2_001))
BASE = """
grades: {by: share, A: 0.05, B: 0.20, C: 0.50}
mql: {by: capacity, contacts_per_week: 20, leads_per_week: 100}
"""


def agreement(text: str = "", base: str = BASE) -> Agreement:
    return parse_agreement(base + text, "agreement.yaml")


def lead(**fields: Any) -> LeadRequest:
    account = fields.pop("account", None)
    dispositions = fields.pop("dispositions", [])
    activities = fields.pop("activities", [])
    return {
        "lead": fields, "as_of": NOW, "account": account, "activities": activities, "dispositions": dispositions,
    }  # fmt: skip


def place(agreed: Agreement, *leads: LeadRequest, p: float = 0.5, reference: Reference = UNIFORM) -> Placement:
    """The placement of leads of records, once it is seen that live ones have the same."""
    policy, probability = Policy(agreed, reference), np.full(len(leads), p)
    live = [live_lead(each) for each in leads]
    recorded = policy.place(recorded_leads(*leads), probability)
    alone = [policy.place(LiveLeads([each]), probability[:1]) for each in live]
    assert [each.stage_reason[0] for each in alone] == list(recorded.stage_reason)
    assert policy.place(LiveLeads(live), probability) == recorded
    return recorded


def recorded_leads(*leads: LeadRequest) -> RecordedLeads:
    return RecordedLeads(records_of(leads), np.arange(len(leads)), moments_of(leads))


def test_the_score_is_the_percentile_among_recent_leads() -> None:
    policy = Policy(agreement(), UNIFORM)
    placed = policy.place(recorded_leads(*[lead()] * 4), np.array([0.0, 0.25, 0.777, 1.0]))
    assert placed.score == [0, 25, 78, 100]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1), st.floats(0, 1))
def test_a_likelier_lead_never_has_a_lower_score_or_grade(recent: list[float], a: float, b: float) -> None:
    policy = Policy(agreement(), reference_quantiles(np.array(recent)))
    low, high = sorted([a, b])
    placed = policy.place(recorded_leads(*[lead()] * 2), np.array([low, high]))
    assert 0 <= placed.score[0] <= placed.score[1] <= 100
    assert placed.grade[0] >= placed.grade[1]


def test_leads_that_are_all_alike_are_in_the_middle() -> None:
    alike = reference_quantiles(np.full(50, 0.3))
    placed = place(agreement(), lead(), p=0.3, reference=alike)
    assert (placed.score, placed.grade, placed.stage) == ([50], ["C"], ["nurture"])


def test_grades_by_share_count_from_the_best() -> None:
    probability = np.linspace(0, 1, 1_000)
    grades = Policy(agreement(), UNIFORM).place(recorded_leads(*[lead()] * 1_000), probability).grade
    assert [grades.count(grade) for grade in GRADES] == pytest.approx([50, 150, 300, 500], abs=2)


def test_grades_by_probability_are_limits() -> None:
    agreed = agreement(base="grades: {by: probability, A: 0.4, B: 0.2, C: 0.1}\nmql: {by: probability, at_least: 0.3}")
    placed = Policy(agreed, UNIFORM).place(recorded_leads(*[lead()] * 5), np.array([0.4, 0.39, 0.2, 0.1, 0.09]))
    assert placed.grade == ["A", "B", "B", "C", "D"]


@pytest.mark.parametrize(
    ("mql", "least"),
    [
        ("{by: probability, at_least: 0.3}", 0.3),
        ("{by: value, deal_value: 1000, margin: 0.5, cost_per_contact: 125}", 0.25),
        ("{by: capacity, contacts_per_week: 20, leads_per_week: 100}", 0.8),
        ("{by: capacity, contacts_per_week: 20, share: 0.1}", 0.9),
        ("{by: capacity, contacts_per_week: 200, leads_per_week: 100}", 0.0),
    ],
)
def test_an_mql_is_what_the_agreement_says(mql: str, least: float) -> None:
    policy = Policy(agreement(base=f"grades: {{by: share, A: 0.1, B: 0.2, C: 0.5}}\nmql: {mql}"), UNIFORM)
    assert policy.qualifies(np.array([min(least + 0.01, 1.0)])).all()
    assert not policy.qualifies(np.array([least - 0.01])).any() or least == 0


def test_capacity_is_of_the_leads_that_come_in() -> None:
    base = "grades: {by: share, A: 0.1, B: 0.2, C: 0.5}\nmql: {by: capacity, contacts_per_week: 20}"
    busy = reference_quantiles(np.linspace(0, 1, 2_001), leads_per_week=400)
    assert Policy(agreement(base=base), busy).contact_share == 0.05


DISQUALIFY = """
disqualify:
  - {rule: throw-away address, field: email_kind, op: is, value: disposable}
  - {rule: too small, field: employees, op: "<", value: 5}
  - {rule: not our market, field: country, op: not_in, value: [ES, IT]}
  - {rule: told us not to, field: has_phone, op: is, value: false}
  - {rule: suspect, field: verdict, op: is, value: suspect}
"""


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"email_kind": "disposable"}, "throw-away address"),
        ({"email_kind": " Disposable "}, "throw-away address"),
        ({"email_kind": "disposable", "country": "FR"}, "throw-away address"),
        ({"account": {"employees": 4}}, "too small"),
        ({"account": {"employees": "4"}}, "too small"),
        ({"country": "FR"}, "not our market"),
        ({"account": {"country": "FR"}}, "not our market"),
        ({"has_phone": False}, "told us not to"),
        ({"has_phone": "no"}, "told us not to"),
        ({"dispositions": [{"at": NOW - 1, "verdict": "suspect"}]}, "suspect"),
        ({"dispositions": [{"at": NOW, "verdict": "suspect"}]}, ""),
        ({"dispositions": [{"at": NOW - 2, "verdict": "suspect"}, {"at": NOW - 1, "verdict": "ready"}]}, ""),
        ({"email_kind": "business", "country": "it", "has_phone": True, "account": {"employees": 5}}, ""),
        ({}, ""),
        ({"account": {}}, ""),
    ],
)
def test_the_first_rule_that_is_true_disqualifies(fields: dict[str, Any], rule: str) -> None:
    placed = place(agreement(DISQUALIFY), lead(**fields), p=0.99)
    assert placed.stage == ["disqualified" if rule else "mql"]
    assert placed.stage_reason == [rule]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, "country, has_phone, employees"),
        ({"country": "ES", "has_phone": True}, "employees"),
        ({"country": "", "has_phone": False, "account": {"employees": 3}}, "country, has_phone"),
        ({"country": "none", "has_phone": True, "account": {"employees": None}}, "country, employees"),
        ({"country": "ES", "has_phone": True, "account": {"employees": 0}}, ""),
    ],
)
def test_an_incomplete_profile_says_what_is_missing(fields: dict[str, Any], missing: str) -> None:
    placed = place(agreement("required: [country, has_phone, employees]"), lead(**fields), p=0.1)
    assert (placed.stage, placed.stage_reason) == (["incomplete" if missing else "nurture"], [missing])


def test_a_field_that_the_data_do_not_have_disqualifies_nobody_and_is_told() -> None:
    agreed = agreement(DISQUALIFY + "required: [shoe_size]")
    known = Reference(UNIFORM.quantiles, fields=frozenset({"email_kind", "has_phone"}))
    placed = place(agreed, lead(email_kind="business"), p=0.1, reference=known)
    assert placed.stage == ["nurture"]
    warnings = Policy(agreed, known).warnings
    assert [warning.split("'")[1] for warning in warnings] == ["shoe_size", "employees", "country"]


def test_the_verdict_of_sales_is_always_known() -> None:
    agreed = agreement("disqualify: [{rule: suspect, field: verdict, op: is, value: suspect}]")
    known = Reference(UNIFORM.quantiles, fields=frozenset())
    suspect = lead(dispositions=[{"at": NOW - 1, "verdict": "suspect"}])
    assert place(agreed, suspect, reference=known).stage == ["disqualified"]


INTENT = "sql_candidate: {events: [demo_request, quote_request], within_days: 14}"


@pytest.mark.parametrize(
    ("days_ago", "bot", "stage"),
    [(1, False, "sql_candidate"), (13.9, False, "sql_candidate"), (15, False, "nurture"), (1, True, "nurture")],
)
def test_asking_for_a_demo_makes_a_candidate_for_some_days(days_ago: float, bot: bool, stage: str) -> None:
    asked = {"type": "demo_request", "occurred_at": NOW - round(days_ago * DAY), "is_automated": bot}
    placed = place(agreement(INTENT), lead(activities=[asked]), p=0.01)
    assert placed.stage == [stage]
    assert placed.stage_reason == ["demo_request" if stage == "sql_candidate" else ""]


def test_a_disqualified_lead_stays_so_whatever_it_asks_for() -> None:
    asked = {"type": "demo_request", "occurred_at": NOW - DAY}
    one = lead(email_kind="disposable", activities=[asked])
    assert place(agreement(DISQUALIFY + INTENT), one, p=0.99).stage == ["disqualified"]


def test_a_batch_places_each_lead_as_if_it_were_alone() -> None:
    agreed = agreement(DISQUALIFY + INTENT + "\nrequired: [has_phone]")
    leads = [
        lead(email_kind="disposable"),
        lead(has_phone=True, account={"employees": 3}),
        lead(has_phone=True, activities=[{"type": "quote_request", "occurred_at": NOW - DAY}]),
        lead(country="FR"),
        lead(),
    ]
    together = place(agreed, *leads)
    alone = [place(agreed, each) for each in leads]
    assert together.stage == [each.stage[0] for each in alone]
    assert together.stage_reason == [each.stage_reason[0] for each in alone]


@pytest.mark.parametrize(
    ("op", "value", "cell", "expected"),
    [
        ("is", "web", "Web ", True),
        ("is", 3, "3.0", True),
        ("is", True, "yes", True),
        ("is", "none", "none", True),
        ("is_not", "web", "fair", True),
        ("is_not", "web", None, False),
        ("in", ("a", "b"), "B", True),
        ("not_in", ("a", "b"), "c", True),
        ("not_in", ("a", "b"), float("nan"), False),
        ("in", (3, 4), 4.0, True),
        ("<", 5, 4.9, True),
        ("<", 5, "many", False),
        (">=", 5, 5.0, True),
        ("<=", 5, float("nan"), False),
        (">", 5, 6.0, True),
        ("missing", None, None, True),
        ("missing", None, "", True),
        ("missing", None, "x", False),
    ],
)
def test_operators(op: Any, value: Any, cell: Any, expected: bool) -> None:
    assert is_true(Rule(rule="r", field="f", op=op, value=value), cell) is expected


@pytest.mark.parametrize("share", [0.05, 0.2, 1.0])
def test_the_reference_survives_json(share: float) -> None:
    reference = reference_quantiles(
        np.linspace(0, share, 11), leads_per_week=9.5, fields=["b", "a"], lead_attributes=["c"]
    )
    again = Reference.from_dict(reference.to_dict())
    np.testing.assert_array_equal(again.quantiles, reference.quantiles)
    assert (again.leads_per_week, again.fields, again.lead_attributes) == (9.5, frozenset("ab"), frozenset("c"))
