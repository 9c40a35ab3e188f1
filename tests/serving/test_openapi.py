"""The OpenAPI document describes what the server really does."""

from typing import Any

import jsonschema
import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.testclient import TestClient

from serving.problems import MEDIA_TYPE
from serving.schemas.examples import ANSWER, BATCHES, SCORES

OPERATIONS = [
    ("post", "/v1/score"), ("post", "/v1/score/batch"), ("get", "/v1/model"), ("get", "/healthz"), ("get", "/readyz"),
]  # fmt: skip


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    made: dict[str, Any] = client.get("/openapi.json").json()
    return made


def test_the_document_is_openapi_and_lists_every_address(document: dict[str, Any]) -> None:
    OpenAPI.model_validate(document)
    assert [(method, path) for path, each in document["paths"].items() for method in each] == OPERATIONS


def test_every_schema_is_valid_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert references(document) == {f"#/components/schemas/{name}" for name in schemas}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_says_what_it_is_for_and_how_it_fails(document: dict[str, Any], method: str, path: str) -> None:
    operation = document["paths"][path][method]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"][0] in {tag["name"] for tag in document["tags"]}
    failures = {status: each for status, each in operation["responses"].items() if status >= "400"}
    assert "500" in failures
    for answer in failures.values():
        assert list(answer["content"]) == [MEDIA_TYPE]
        validate(answer["content"][MEDIA_TYPE]["example"], "Problem", document)


def test_every_field_has_a_meaning(document: dict[str, Any]) -> None:
    undescribed = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, part in schema["properties"].items()
        if not part.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize(
    ("path", "schema", "examples"),
    [("/v1/score", "ScoreRequest", SCORES), ("/v1/score/batch", "BatchRequest", BATCHES)],
)
def test_the_examples_fit_their_schema(
    document: dict[str, Any], path: str, schema: str, examples: dict[str, Any]
) -> None:
    shown = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert shown == examples
    for example in shown.values():
        validate(example["value"], schema, document)


def test_the_reference_page_shows_every_address_and_needs_no_internet(client: TestClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for method, path in OPERATIONS:
        assert f'<span class="method">{method}</span> <code>{path}</code>' in answer.text
    assert "http://" not in answer.text
    assert "<script" not in answer.text
    assert "curl -s localhost:8000/v1/score" in answer.text
    assert "Example of an answer" in answer.text


def test_the_start_page_leads_to_the_reference(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.url.path == "/docs"
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "answer"), [("/v1/score", ANSWER), ("/v1/score/batch", {"results": [ANSWER]})], ids=["one", "batch"]
)
def test_the_document_shows_an_answer_that_fits_its_schema(
    document: dict[str, Any], path: str, answer: dict[str, Any]
) -> None:
    shown = document["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]
    assert shown["example"] == answer
    validate(answer, shown["schema"]["$ref"].rpartition("/")[2], document)


def validate(value: Any, schema: str, document: dict[str, Any]) -> None:
    """Check a value against a schema of the document."""
    jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{schema}", **document}).validate(value)


def references(part: Any) -> set[str]:
    """All ``$ref`` below a part of the document."""
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(each) for each in part.values()))
    return set().union(*(references(each) for each in part)) if isinstance(part, list) else set()
