"""A request becomes a live lead for the features."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.records.live_lead import Event, LiveLead
from serving.model.lead_request import KnownFields, RequestMapper, microseconds
from serving.schemas.examples import KEEN
from serving.schemas.requests import ScoreRequest

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KNOWN = KnownFields(
    lead={"shoe_size": "numeric", "newsletter": "boolean", "code": "categorical"}, account={"tier": "categorical"}
)


def mapper() -> RequestMapper:
    return RequestMapper(KNOWN, "body")


def live_lead(body: dict[str, Any], using: RequestMapper | None = None) -> LiveLead:
    return (using or mapper()).live_lead(ScoreRequest.model_validate(body), NOW)


def test_a_whole_request_is_carried_over() -> None:
    lead = live_lead(KEEN)
    assert lead.lead["source"] == "organic_search"
    assert lead.created_at == 1_771_575_300_000_000
    assert lead.account["employees"] == 240
    kinds = ["form_submit", "pricing_view", "demo_request", "bant_budget", "verdict_accepted"]
    assert [each[1] for each in lead.events] == kinds
    assert lead.events[2][0] == microseconds(datetime(2026, 2, 28, 15, 40, tzinfo=UTC))
    assert lead.events[3][4] == 1.0
    assert lead.as_of == microseconds(NOW)


def test_without_a_moment_the_score_is_for_now() -> None:
    assert live_lead({"lead": {}}).as_of == microseconds(NOW)


OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=OFFSETS))
def test_times_are_exact_to_the_microsecond_at_any_offset(moment: datetime) -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(moment)) == moment


def test_unknown_fields_are_left_out_and_listed() -> None:
    using = mapper()
    body = {"lead": {"hat": "red", "shoe_size": 43}, "account": {"mascot": "owl", "tier": "gold"}}
    lead = live_lead(body, using)
    assert using.ignored == ["lead.hat", "account.mascot"]
    assert lead.lead == {"shoe_size": 43.0}
    assert lead.account == {"tier": "gold"}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("shoe_size", "43", "a number"),
        ("shoe_size", True, "a number"),
        ("newsletter", "yes", "true or false"),
        ("newsletter", 1, "true or false"),
    ],
)
def test_an_attribute_of_another_kind_than_the_model_learned_is_named(field: str, value: object, expected: str) -> None:
    using = mapper()
    live_lead({"lead": {field: value}}, using)
    assert [each.field for each in using.problems] == [f"body.lead.{field}"]
    assert f"Expected {expected}" in using.problems[0].message


@pytest.mark.parametrize(("value", "text"), [(3, "3"), (3.5, "3.5"), (True, "true"), ("three", "three")])
def test_codes_of_categories_may_be_numbers_or_flags(value: object, text: str) -> None:
    assert live_lead({"lead": {"code": value}}).lead == {"code": text}


def test_null_is_the_same_as_not_sent() -> None:
    assert live_lead({"lead": {"shoe_size": None, "source": None}}).lead == {}


def test_personal_data_leave_nothing_but_flags() -> None:
    using = mapper()
    personal = {"email": "ann@gmail.com", "first_name": "Ann", "Phone": "+34 600 123 456"}
    assert live_lead({"lead": personal}, using).lead == {"email_kind": "free", "has_name": True, "has_phone": True}
    assert using.ignored == []


def test_a_flag_that_is_sent_counts_more_than_one_that_is_guessed() -> None:
    assert live_lead({"lead": {"email": "ann@gmail.com", "email_kind": "business"}}).lead["email_kind"] == "business"


def clicks(lead: str | None = None, **fields: Any) -> list[dict[str, Any]]:
    """Three clicks within two seconds."""
    who = {} if lead is None else {"lead_id": lead}
    return [
        {"occurred_at": f"2026-03-01T09:30:0{second}Z", "type": "email_click", "link": f"l{second}"} | who | fields
        for second in range(3)
    ]


def automated(events: Sequence[Event]) -> list[int]:
    return [each[-1] for each in events]


def test_clicks_of_a_request_are_judged_by_evidence_unless_it_says_who_did_it() -> None:
    body = {"lead": {}, "as_of": "2026-03-02T00:00:00Z"}
    assert automated(live_lead({**body, "activities": clicks()}).events) == [2, 1, 1]
    assert automated(live_lead({**body, "activities": clicks(is_automated=False)}).events) == [0, 0, 0]
    assert automated(live_lead({**body, "activities": clicks(is_automated=None)[:1]}).events) == [0]


def test_what_other_leads_did_is_judged_lead_by_lead() -> None:
    def others(activities: list[dict[str, Any]]) -> list[int]:
        return automated(live_lead({"lead": {}, "account": {"activities": activities}}).account_events)

    assert others(clicks("a")) == [2, 1, 1]
    assert others([click | {"lead_id": lead} for click, lead in zip(clicks(), "abc", strict=True)]) == [0, 0, 0]
    assert others(clicks()) == [0, 0, 0]
    assert others(clicks(is_automated=True)) == [1, 1, 1]
