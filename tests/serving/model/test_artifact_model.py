"""Scores of a real model over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from models.storage.artifact import load_artifact
from serving.schemas.answers import BatchAnswer, ModelAnswer, ScoreAnswer
from serving.schemas.examples import BATCHES, EVERYTHING, KEEN, SCORES
from tests.serving.conftest import Company

NAME = "Zebulon Quux"
ADDRESS = "zebulon.quux@example.com"


@pytest.mark.parametrize("name", SCORES)
def test_each_example_is_answered_as_the_schema_says(live: TestClient, name: str) -> None:
    answer = live.post("/v1/score", json=SCORES[name]["value"])
    assert answer.status_code == 200
    TypeAdapter(ScoreAnswer).validate_python(answer.json())


@pytest.mark.parametrize("name", BATCHES)
def test_each_batch_example_is_answered_as_the_schema_says(live: TestClient, name: str) -> None:
    answer = live.post("/v1/score/batch", json=BATCHES[name]["value"])
    assert answer.status_code == 200
    results = BatchAnswer.model_validate(answer.json()).results
    assert [each.lead_id for each in results] == ["L-1001", "L-1002"]


def test_an_answer_hangs_together(live: TestClient) -> None:
    answer = score(live, EVERYTHING)
    assert answer["low"] <= answer["probability"] <= answer["high"]
    moved = answer["probability"] - answer["base_probability"]
    assert answer["fit"] + answer["interest"] + answer["intent"] == pytest.approx(moved, abs=1e-9)
    sizes = [abs(reason["points"]) for reason in answer["reasons"]]
    assert sizes
    assert sizes == sorted(sizes, reverse=True)


def test_reasons_come_in_the_language_asked_for(live: TestClient) -> None:
    answers = {language: score(live, KEEN | {"language": language}) for language in ("en", "es", "it")}
    texts = {language: tuple(each["text"] for each in answer["reasons"]) for language, answer in answers.items()}
    assert len(set(texts.values())) == 3
    assert len({answer["probability"] for answer in answers.values()}) == 1


def test_each_item_of_a_batch_has_its_own_language_and_keeps_its_place(live: TestClient) -> None:
    languages = ["it", "en", "es", "en", "it"]
    items = [KEEN | {"language": each, "lead": {"lead_id": str(k)}} for k, each in enumerate(languages)]
    results = live.post("/v1/score/batch", json={"items": items}).json()["results"]
    assert results == [score(live, item) for item in items]


def test_an_empty_batch_has_no_results(live: TestClient) -> None:
    assert live.post("/v1/score/batch", json={"items": []}).json() == {"results": []}


def test_without_a_moment_the_score_is_for_now(live: TestClient) -> None:
    answered = datetime.fromisoformat(score(live, {"lead": {}})["as_of"])
    assert abs(datetime.now(UTC) - answered) < timedelta(seconds=60)


def test_what_happens_at_or_after_the_moment_changes_nothing(live: TestClient) -> None:
    later = [
        {"occurred_at": KEEN["as_of"], "type": "demo_request", "value": 9},
        {"occurred_at": "2026-03-01T00:00:00.000001Z", "type": "pricing_view"},
        {"occurred_at": "2027-01-01T00:00:00Z", "type": "never_seen_before"},
    ]
    verdict = {"at": KEEN["as_of"], "verdict": "suspect", "budget": False}
    after = KEEN | {
        "activities": KEEN["activities"] + later,
        "dispositions": [*KEEN["dispositions"], verdict],
        "account": KEEN["account"] | {"activities": later},
    }
    assert score(live, after) == score(live, KEEN)


def test_unknown_fields_are_ignored_and_listed(live: TestClient) -> None:
    plain = score(live, KEEN)
    body = KEEN | {
        "lead": KEEN["lead"] | {"hat": "red", "shoe_size": 43},
        "account": KEEN["account"] | {"mascot": "owl"},
    }
    assert plain["ignored"] == []
    assert score(live, body) == plain | {"ignored": ["lead.hat", "lead.shoe_size", "account.mascot"]}


def test_a_value_that_training_never_saw_is_warned_of_while_the_score_stays(live: TestClient) -> None:
    lead = KEEN["lead"] | {"source": "wep", "product": "bsic", "country": "Atlantis"}
    activities = [*KEEN["activities"], {"occurred_at": "2026-02-20T08:15:00Z", "type": "pricing_veiw"}]
    others = [{"occurred_at": "2026-02-20T08:15:00Z", "type": "Booth visits"}]
    body = KEEN | {"lead": lead, "account": {"tier": "Gould", "activities": others}, "activities": activities}
    answer = score(live, body)
    told = {each["field"]: each["did_you_mean"] for each in answer["warnings"]}
    assert told == {
        "lead.source": "web", "lead.product": "basic", "lead.country": None, "account.tier": "gold",
        "activities[0].type": None, "activities[3].type": "pricing_view", "account.activities[0].type": "booth_visit",
    }  # fmt: skip
    assert answer["probability"] == score(live, body | {"lead": lead | {"source": "another"}})["probability"]
    assert "Atlantis" not in str(answer["warnings"])


def test_the_words_of_the_export_count_as_in_the_import(live: TestClient) -> None:
    words = {"source": "WEB  site", "newsletter": "SI", "seats": "A dozen"}
    plain = {"source": "web", "newsletter": True, "seats": 12}
    when = {"occurred_at": "2026-02-20T08:15:00Z"}
    bodies = [
        {"lead": lead, "account": {"tier": tier}, "activities": [when | {"type": kind}], "as_of": KEEN["as_of"]}
        for lead, tier, kind in ((words, "au", "demo"), (plain, "gold", "demo_request"))
    ]
    one, other = (score(live, body) for body in bodies)
    assert one == other
    assert one["warnings"] == []
    assert score(live, {"lead": {"source": "N/A"}, "as_of": KEEN["as_of"]}) == score(
        live, {"lead": {}, "as_of": KEEN["as_of"]}
    )


@pytest.mark.parametrize(("reasons", "most"), [(0, 0), (1, 1), (3, 3), (50, 50)])
def test_as_many_reasons_as_are_asked_for(live: TestClient, reasons: int, most: int) -> None:
    every, some = (score(live, EVERYTHING | {"reasons": number}) for number in (50, reasons))
    own = {"reasons", "rest", "rest_signals"}
    assert {name: value for name, value in some.items() if name not in own}.items() <= every.items()
    assert len(some["reasons"]) <= most
    assert some["reasons"][: (most + 1) // 2] == every["reasons"][: (most + 1) // 2]
    for each in (every, some):
        told = sum(reason["points"] for reason in each["reasons"]) + each["rest"]
        assert told == pytest.approx(each["probability"] - each["base_probability"], abs=1e-9)
    both = live.post("/v1/score/batch", json={"items": [EVERYTHING | {"reasons": reasons}, EVERYTHING]}).json()
    assert both["results"] == [score(live, EVERYTHING | {"reasons": reasons}), score(live, EVERYTHING)]


@pytest.mark.parametrize("reasons", [-1, 51, 2.5, "3", None])
def test_a_number_of_reasons_that_is_none_is_refused(live: TestClient, reasons: Any) -> None:
    answer = live.post("/v1/score", json=KEEN | {"reasons": reasons})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.reasons")


@pytest.mark.parametrize("as_of", ["2026-03-01T00:00:00Z", None])
def test_a_lead_that_came_later_has_no_score(live: TestClient, as_of: str | None) -> None:
    body = {"lead": {"created_at": "2126-03-01T00:00:00.000001Z"}, "as_of": as_of}
    answer = live.post("/v1/score", json=body)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["field"]) == (422, "body.lead.created_at")
    assert ("before as_of" if as_of else "has passed") in error["message"]
    items = live.post("/v1/score/batch", json={"items": [{"lead": {}}, body]})
    assert (items.status_code, items.json()["errors"][0]["field"]) == (422, "body.items[1].lead.created_at")


def test_a_lead_has_a_score_in_the_moment_in_which_it_comes(live: TestClient) -> None:
    assert score(live, {"lead": {"created_at": KEEN["as_of"]}, "as_of": KEEN["as_of"]})["warnings"] == []


def test_attributes_of_the_model_count(live: TestClient) -> None:
    few, many = (score(live, {"lead": {"seats": seats}, "as_of": KEEN["as_of"]}) for seats in (1, 100))
    assert few["ignored"] == many["ignored"] == []
    assert few["probability"] < many["probability"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lead": {"seats": "many"}}, "lead.seats"),
        ({"lead": {"newsletter": "yes"}}, "lead.newsletter"),
    ],
)
def test_an_attribute_of_the_wrong_kind_is_a_problem_that_names_it(
    live: TestClient, body: dict[str, Any], field: str
) -> None:
    answer = live.post("/v1/score", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}")
    answer = live.post("/v1/score/batch", json={"items": [{"lead": {}}, body]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.items[1].{field}")


def test_personal_data_become_flags_and_come_back_nowhere(live: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    personal = {"full_name": NAME, "email": ADDRESS, "phone": "+34 600 123 456"}
    flags = {"has_name": True, "email_kind": "business", "has_phone": True}
    with caplog.at_level("DEBUG"):
        answer = live.post("/v1/score", json={"lead": personal, "as_of": KEEN["as_of"]})
    assert answer.json() == score(live, {"lead": flags, "as_of": KEEN["as_of"]})
    for text in (*personal.values(), "Zebulon"):
        assert text not in answer.text + caplog.text


def test_the_agreement_decides_the_stage(live: TestClient) -> None:
    assert score(live, {"lead": {}})["stage"] == "incomplete"
    assert score(live, KEEN)["stage"] == "sql_candidate"
    disposable = score(live, KEEN | {"lead": {"email_kind": "disposable"}})
    assert (disposable["stage"], disposable["stage_reason"]) == ("disqualified", "disposable e-mail address")


def test_the_model_tells_what_it_is(live: TestClient, company: Company) -> None:
    told = ModelAnswer.model_validate(live.get("/v1/model").json())
    artifact = load_artifact(company.artifact)
    assert artifact.checksum.startswith(told.model.version)
    assert artifact.view.fingerprint.startswith(told.model.fingerprint)
    assert [each.name for each in told.features] == [each.name for each in artifact.view.features]
    fields = {each.field: each for each in told.fields}
    assert set(fields["lead.source"].levels or ()) == {"web", "referral", "fair"}
    assert fields["lead.source"].translated == {"Web site": "web", "n/a": None}
    assert (fields["lead.seats"].kind, fields["lead.seats"].levels) == ("numeric", None)
    assert fields["account.tier"].kind == "categorical"
    assert "booth_visit" in told.activity_types
    assert told.metrics == {"roc_auc": {"value": 0.8}}
    assert told.facts["mapping"] == "test"
    assert told.agreement["required"] == ["email_kind"]
    assert score(live, KEEN)["model_version"] == told.model.version


def score(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    """The score of a body."""
    answer = client.post("/v1/score", json=body)
    assert answer.status_code == 200, answer.text
    scored: dict[str, Any] = answer.json()
    return scored
