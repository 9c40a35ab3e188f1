"""Errors of every kind: problem details that name the field and repeat nothing that was sent."""

import json
import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.problems import MEDIA_TYPE, Kind, Problem
from tests.serving.conftest import BODY_LIMIT

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "http.md"
SECRET = "ann.secret@example.com"
LEAD = '{"lead": {%s}}'
ACTIVITY = '{"lead": {}, "activities": [{"type": "call", "occurred_at": "2026-01-01T00:00:00Z"}, {%s}]}'
WHEN = '"occurred_at": "2026-01-01T00:00:00Z"'
ANSWER = '{"lead": {}, "dispositions": [{%s}]}'

# name, body, status, field named in errors ("" where none is), part of the message (or of the detail)
MALFORMED = [
    ("nothing at all", "", 422, "body", "required"),
    ("spaces", "   ", 400, "", "Expecting value"),
    ("not JSON", "lead=1", 400, "", "Expecting value"),
    ("cut off", '{"lead": {"source": "web', 400, "", "character"),
    ("trailing comma", '{"lead": {},}', 400, "", "character"),
    ("two documents", '{"lead": {}} {"lead": {}}', 400, "", "Extra data"),
    ("single quotes", "{'lead': {}}", 400, "", "character"),
    ("deeply nested", "[" * 100_000, 400, "", "could not be read"),
    ("a number of 5,000 digits", LEAD % f'"x": {"9" * 5000}', 400, "", "could not be read"),
    ("control character", '{"lead": {"source": "\x00"}}', 400, "", "control character"),
    ("a list", "[]", 422, "body", "an object"),
    ("a string", f'"{SECRET}"', 422, "body", "an object"),
    ("null", "null", 422, "body", "an object"),
    ("a number", "7", 422, "body", "an object"),
    ("no lead", "{}", 422, "body.lead", "required"),
    ("lead is null", '{"lead": null}', 422, "body.lead", "an object"),
    ("lead is a string", f'{{"lead": "{SECRET}"}}', 422, "body.lead", "an object"),
    ("lead is a list", '{"lead": []}', 422, "body.lead", "an object"),
    ("unknown field beside lead", f'{{"lead": {{}}, "laed": "{SECRET}"}}', 422, "body.laed", "Did you mean lead?"),
    ("text field is a number", LEAD % '"source": 5', 422, "body.lead.source", "string"),
    ("text field is a list", LEAD % f'"source": ["{SECRET}"]', 422, "body.lead.source", "string"),
    ("text field too long", LEAD % f'"job_title": "{"x" * 1001}"', 422, "body.lead.job_title", "1000 characters"),
    ("lone surrogate", LEAD % '"source": "\\ud800"', 422, "body.lead.source", "Unicode"),
    ("flag is a string", LEAD % '"has_phone": "yes"', 422, "body.lead.has_phone", "true or false"),
    ("flag is a number", LEAD % '"has_phone": 1', 422, "body.lead.has_phone", "true or false"),
    ("unknown kind of e-mail", LEAD % f'"email_kind": "{SECRET}"', 422, "body.lead.email_kind", "'business'"),
    ("key is empty", LEAD % '"lead_id": ""', 422, "body.lead.lead_id", "at least 1"),
    ("key is a number", LEAD % '"lead_id": 17', 422, "body.lead.lead_id", "string"),
    ("attribute is a list", LEAD % f'"shoe_size": ["{SECRET}"]', 422, "body.lead.shoe_size", "finite number"),
    ("attribute is an object", LEAD % f'"shoe_size": {{"a": "{SECRET}"}}', 422, "body.lead.shoe_size", "finite number"),
    ("attribute is NaN", LEAD % '"shoe_size": NaN', 422, "body.lead.shoe_size", "finite number"),
    ("attribute is infinite", LEAD % '"shoe_size": -Infinity', 422, "body.lead.shoe_size", "finite number"),
    ("attribute overflows", LEAD % '"shoe_size": 1e999', 422, "body.lead.shoe_size", "finite number"),
    ("attribute overflows as an integer", LEAD % f'"shoe_size": 1{"0" * 400}', 422, "body.lead.shoe_size", "finite"),
    ("attribute too long", LEAD % f'"shoe_size": "{"x" * 1001}"', 422, "body.lead.shoe_size", "1000 characters"),
    ("attribute not unicode", LEAD % '"shoe_size": "\\udfff"', 422, "body.lead.shoe_size", "string"),
    ("attribute name not unicode", LEAD % '"\\udfff": 1', 422, "body.lead", "Unicode"),
    ("created at no time", LEAD % f'"created_at": "{SECRET}"', 422, "body.lead.created_at", "ISO 8601"),
    ("created without a zone", LEAD % '"created_at": "2026-01-01T00:00:00"', 422, "body.lead.created_at", "its zone"),
    ("a bare date", LEAD % '"created_at": "2026-01-01"', 422, "body.lead.created_at", "ISO 8601"),
    ("a Unix time", LEAD % '"created_at": 1767225600', 422, "body.lead.created_at", "ISO 8601"),
    ("a Unix time as text", LEAD % '"created_at": "1767225600"', 422, "body.lead.created_at", "ISO 8601"),
    ("the 13th month", LEAD % '"created_at": "2026-13-01T00:00:00Z"', 422, "body.lead.created_at", "month"),
    ("30 February", LEAD % '"created_at": "2026-02-30T00:00:00Z"', 422, "body.lead.created_at", "day"),
    ("as_of is a flag", '{"lead": {}, "as_of": true}', 422, "body.as_of", "ISO 8601"),
    ("unknown language", '{"lead": {}, "language": "fr"}', 422, "body.language", "'en', 'es' or 'it'"),
    ("account is a list", '{"lead": {}, "account": [1]}', 422, "body.account", "an object"),
    ("employees as text", '{"lead": {}, "account": {"employees": "250"}}', 422, "body.account.employees", "number"),
    ("employees below nought", '{"lead": {}, "account": {"employees": -1}}', 422, "body.account.employees", "least 0"),
    ("employees infinite", '{"lead": {}, "account": {"employees": Infinity}}', 422, "body.account.employees", "finite"),
    ("employees a flag", '{"lead": {}, "account": {"employees": true}}', 422, "body.account.employees", "number"),
    ("activities is an object", '{"lead": {}, "activities": {}}', 422, "body.activities", "list"),
    ("activities is null", '{"lead": {}, "activities": null}', 422, "body.activities", "list"),
    ("activity is a string", '{"lead": {}, "activities": ["call"]}', 422, "body.activities[0]", "an object"),
    ("activity without time", ACTIVITY % '"type": "call"', 422, "body.activities[1].occurred_at", "required"),
    ("activity without type", ACTIVITY % WHEN, 422, "body.activities[1].type", "required"),
    ("activity of type null", ACTIVITY % f'"type": null, {WHEN}', 422, "body.activities[1].type", "string"),
    ("activity of empty type", ACTIVITY % f'"type": "", {WHEN}', 422, "body.activities[1].type", "at least 1"),
    ("activity value NaN", ACTIVITY % f'"type": "x", "value": NaN, {WHEN}', 422, "body.activities[1].value", "finite"),
    ("activity value text", ACTIVITY % f'"type": "x", "value": "1", {WHEN}', 422, "body.activities[1].value", "number"),
    ("activity with a typo", ACTIVITY % f'"type": "x", "valeu": 1, {WHEN}', 422, "body.activities[1].valeu",
     "Did you mean value?"),
    ("answer without verdict", ANSWER % '"at": "2026-01-01T00:00:00Z"', 422, "body.dispositions[0].verdict", "requir"),
    ("answer with another verdict", ANSWER % '"at": "2026-01-01T00:00:00Z", "verdict": "maybe"', 422,
     "body.dispositions[0].verdict", "'accepted'"),
    ("answer with a mood of 2", ANSWER % '"at": "2026-01-01T00:00:00Z", "verdict": "ready", "sentiment": 2', 422,
     "body.dispositions[0].sentiment", "at most 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "field", "message"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_a_malformed_body_is_answered_with_the_field_and_what_was_expected(
    client: TestClient, body: str, status: int, field: str, message: str
) -> None:
    answer = client.post("/v1/score", content=body, headers={"Content-Type": "application/json"})
    problem = check_problem(answer, status)
    if field:
        assert [error.field for error in problem.errors] == [field]
        assert message in problem.errors[0].message
    else:
        assert problem.errors == []
        assert message in problem.detail
    assert SECRET not in answer.text


def test_a_wrong_field_of_a_batch_names_the_item(client: TestClient) -> None:
    answer = client.post("/v1/score/batch", json={"items": [{"lead": {}}, {"lead": {"source": 1}}]})
    assert check_problem(answer, 422).errors[0].field == "body.items[1].lead.source"


def test_a_batch_of_more_than_a_thousand_is_refused_as_too_large(client: TestClient) -> None:
    answer = client.post("/v1/score/batch", json={"items": [{"lead": {}}] * 1001})
    assert check_problem(answer, 413).type == Kind.BATCH_TOO_LARGE.type
    assert client.post("/v1/score/batch", json={"items": [{"lead": {}}] * 1000}).status_code == 200


def test_many_errors_are_counted_but_not_all_listed(client: TestClient) -> None:
    problem = check_problem(client.post("/v1/score/batch", json={"items": [{}] * 900}), 422)
    assert problem.detail.startswith("900 fields are not as expected (the first 50 are listed)")
    assert len(problem.errors) == 50


def test_a_long_body_is_refused_whether_or_not_its_length_is_announced(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * (BODY_LIMIT // 2)

    headers = {"Content-Type": "application/json"}
    for body in (b" " * (BODY_LIMIT + 1), chunks()):
        answer = client.post("/v1/score", content=body, headers=headers)
        assert check_problem(answer, 413).type == Kind.BODY_TOO_LARGE.type


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "identity, br"},
        {"Content-Type": 'application/json;x=1; CharSet="utf-16"'},
        [("Content-Type", "application/json"), ("Content-Type", "text/plain")],
        [("Content-Type", "application/json"), ("Content-Encoding", "identity"), ("Content-Encoding", "gzip")],
    ],
    ids=lambda headers: ", ".join(dict(headers).values()) or "none",
)
@pytest.mark.parametrize("content", [b'{"lead": {}}', zlib.compress(b'{"lead": {}}'), b" " * 100_000], ids=len)
def test_only_plain_json_is_accepted(client: TestClient, headers: Any, content: bytes) -> None:
    check_problem(client.post("/v1/score", content=content, headers=headers), 415)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json; charset=UTF-8",
        'application/JSON ;charset="utf8"',
        "application/json; charset*" + "1" * 5000 + "=utf-8",
        "application/json; " + "charset*0=u;" * 500,
        "application/json;" + ";" * 5000,
    ],
    ids=lambda kind: kind[:40],
)
def test_json_may_say_its_charset(client: TestClient, kind: str) -> None:
    assert client.post("/v1/score", content=b'{"lead": {}}', headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize("length", ["9" * 5000, "0" * 5000 + "12"], ids=["too long", "zeros"])
def test_a_length_of_thousands_of_digits_is_a_number(client: TestClient, length: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": length}
    answer = client.post("/v1/score", content=b'{"lead": {}}', headers=headers)
    assert answer.status_code == (413 if length.startswith("9") else 200)


def test_of_a_million_wrong_fields_the_first_are_told(client: TestClient) -> None:
    short: dict[str, Any] = {"lead": {f"field_{number}": [] for number in range(1000)}}
    problem = check_problem(client.post("/v1/score", json=short), 422)
    assert problem.detail == "1000 fields are not as expected (the first 50 are listed): see errors."
    assert len(problem.errors) == 50
    long: dict[str, Any] = {"lead": {f"field_{number}": [] for number in range(9000)}}
    problem = check_problem(client.post("/v1/score", json=long), 422)
    assert [each.field for each in problem.errors] == ["body"]
    assert problem.errors[0].message == "Expected objects of at most 1,017 fields"


@pytest.mark.parametrize("path", ["/v1/score", "/v1/score/batch"])
@pytest.mark.parametrize("size", [1, 40_000], ids=["short", "long"])
def test_what_is_not_json_is_told_so_however_long(client: TestClient, path: str, size: int) -> None:
    body = '{"items": [{"lead": {}}, {"lead" "ann@example.com"}]}' + " " * size
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert check_problem(answer, 400).detail.startswith("The body is not JSON: ")
    assert SECRET not in answer.text


def test_a_long_body_is_scored_as_a_short_one(live: TestClient) -> None:
    activity = {"type": "page_view", "occurred_at": "2026-01-01T00:00:00Z"}
    short = {"lead": {"lead_id": "a"}, "activities": [activity] * 100, "as_of": "2026-03-01T00:00:00Z"}
    answer = live.post("/v1/score", json=short)
    spaces = {"Content-Type": "application/json"}
    long = live.post("/v1/score", content=json.dumps(short) + " " * 50_000, headers=spaces)
    batch = live.post("/v1/score/batch", content=json.dumps({"items": [short] * 20}), headers=spaces)
    assert answer.status_code == 200
    assert long.json() == answer.json()
    assert batch.json() == {"results": [answer.json()] * 20}


def test_names_of_unknown_fields_are_told_in_part(live: TestClient) -> None:
    answer = live.post("/v1/score", json={"lead": {"x" * 10_000: 1}}).json()
    assert answer["ignored"] == ["lead." + "x" * 64]


def test_a_lead_has_at_most_a_thousand_attributes(live: TestClient) -> None:
    assert live.post("/v1/score", json={"lead": {f"a{number}": 1 for number in range(1000)}}).status_code == 200
    problem = check_problem(live.post("/v1/score", json={"lead": {f"a{n}": 1 for n in range(1001)}}), 422)
    assert problem.errors[0].field == "body.lead"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2", 404),
        ("GET", f"/v1/leads/{SECRET}", 404),
        ("POST", "/v1/score/", 404),
        ("GET", "/v1/score", 405),
        ("DELETE", "/v1/model", 405),
        ("POST", "/healthz", 405),
    ],
)
def test_a_wrong_address_or_method_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    check_problem(answer, status)
    assert SECRET not in answer.text
    if status == 405:
        assert answer.headers["Allow"]


def test_a_failure_of_the_server_tells_the_caller_nothing_and_the_log_no_values(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "whylead.serving"):
        answer = client.post("/v1/score", json={"lead": {"lead_id": "secret-lead"}})
    problem = check_problem(answer, 500)
    assert "ZeroDivisionError" not in answer.text
    assert f"{problem.instance} failed: ZeroDivisionError at" in caplog.text
    assert "secret-lead" not in answer.text + caplog.text


def test_the_log_has_a_line_per_request_without_address_query_or_body(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.post(f"/v1/score?email={SECRET}", json={"lead": {"lead_id": SECRET, "email": SECRET}})
        client.get(f"/v1/leads/{SECRET}")
    lines = [record.getMessage() for record in caplog.records if record.name == "whylead.serving"]
    assert [line.split()[:3] for line in lines] == [["POST", "/v1/score", "200"], ["GET", "(unknown", "address)"]]
    assert SECRET not in "".join(lines)


def check_problem(answer: Any, status: int) -> Problem:
    """An answer has the status and is a problem whose parts agree with it."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    problem = Problem.model_validate(json.loads(answer.content))
    assert problem.status == status
    assert problem.instance == answer.headers["X-Request-ID"]
    assert problem.type in {kind.type for kind in Kind}
    return problem


def test_the_address_of_every_kind_leads_to_its_paragraph() -> None:
    text = DOCUMENTATION.read_text("utf-8")
    described = dict(re.findall(r"^### ([\w-]+)\n(\d{3})\. ", text, re.MULTILINE))
    assert described == {kind.value.slug: str(kind.value.status) for kind in Kind}
    assert all(kind.type.endswith(f"/docs/http.md#{kind.value.slug}") for kind in Kind)
