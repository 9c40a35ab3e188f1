"""The OpenAPI document: every answer that is not a success is a problem."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving.problems import MEDIA_TYPE, Kind, Problem, problem_body

TITLE = "whylead"
DESCRIPTION = """\
Send a lead, its account and what it did; get the probability that it buys, how sure that is, its place in the
agreement of marketing and sales, and the reasons in plain words.

Times are ISO 8601 with a time zone. Only what happened strictly before `as_of` counts. Errors of every kind are
problem details (RFC 9457); they name the field and never repeat a value that was sent.
"""
TAGS = [
    {"name": "scores", "description": "How likely is it that this lead buys, and why?"},
    {"name": "model", "description": "Which model answers, and how good is it?"},
    {"name": "health", "description": "For load balancers and orchestrators."},
]
REF = "#/components/schemas/Problem"
OF_EVERY_ROUTE = (
    Kind.INVALID_REQUEST, Kind.REQUEST_TIMEOUT, Kind.ADDRESS_TOO_LONG, Kind.HEAD_TOO_LARGE, Kind.INTERNAL_ERROR,
    Kind.UNKNOWN_METHOD, Kind.OVERLOADED,
)  # fmt: skip
OF_THE_MODEL = (Kind.NOT_READY,)
OF_BODIES = (
    Kind.INVALID_JSON, Kind.BODY_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE, Kind.INVALID_BODY,
)  # fmt: skip
OF_BATCHES = (Kind.BATCH_TOO_LARGE,)
LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=TITLE,
            version=app.version,
            description=DESCRIPTION,
            tags=TAGS,
            routes=app.routes,
            license_info=LICENSE,
        )
        schemas = schema["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas["Problem"].pop("$defs")
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                successes = {status: each for status, each in operation["responses"].items() if status.startswith("2")}
                operation["responses"] = successes | _problems(path, operation)
        app.openapi_schema = schema
    return app.openapi_schema


def _problems(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    kinds = list(OF_EVERY_ROUTE)
    kinds += OF_THE_MODEL if path.startswith("/v1/") or path == "/readyz" else ()
    kinds += OF_BODIES if "requestBody" in operation else ()
    kinds += OF_BATCHES if path.endswith("/batch") else ()
    by_status: dict[int, list[Kind]] = {}
    for kind in sorted(kinds, key=lambda kind: kind.value.status):
        by_status.setdefault(kind.value.status, []).append(kind)
    return {str(status): _response(alike) for status, alike in by_status.items()}


def _response(kinds: list[Kind]) -> dict[str, Any]:
    example = problem_body(kinds[0], f"{kinds[0].value.title}.", "urn:uuid:00000000-0000-4000-8000-000000000000")
    return {
        "description": "; ".join(kind.value.title for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF}, "example": example}},
    }
