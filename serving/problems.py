"""Errors of every kind as problem details (RFC 9457, ``application/problem+json``).

A problem says which field is wrong and what was expected, and never repeats a value that was sent: a value may be
personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import uuid4

import orjson
from pydantic import Field
from starlette.responses import Response

from data_contracts.frozen import Frozen

MAX_ERRORS = 50  # a batch of a thousand wrong leads needs no more to be understood
MAX_NAME = 64  # characters of a field's name that an answer repeats
MEDIA_TYPE = "application/problem+json"
DOCUMENTATION = "https://github.com/whylead/whylead/blob/main/docs/http.md"


class RequestError(ValueError):
    """A request that MLflow's server handed over cannot be scored; names its fields, and never what was sent."""


@dataclass(frozen=True)
class KindFacts:
    """What all problems of a kind have in common; ``slug`` is the heading of its paragraph in docs/http.md."""

    slug: str
    status: int
    title: str


class Kind(Enum):
    """The kinds of problems that the server answers with."""

    INVALID_JSON = KindFacts("invalid-json", 400, "The body is not JSON")
    INVALID_REQUEST = KindFacts("invalid-request", 400, "The request cannot be read")
    NOT_FOUND = KindFacts("not-found", 404, "There is nothing at this address")
    METHOD_NOT_ALLOWED = KindFacts("method-not-allowed", 405, "This address does not answer to that method")
    REQUEST_TIMEOUT = KindFacts("request-timeout", 408, "The request took too long to arrive")
    BODY_TOO_LARGE = KindFacts("body-too-large", 413, "The body is too large")
    BATCH_TOO_LARGE = KindFacts("batch-too-large", 413, "The batch holds too many leads")
    ADDRESS_TOO_LONG = KindFacts("address-too-long", 414, "The address is too long")
    UNSUPPORTED_MEDIA_TYPE = KindFacts("unsupported-media-type", 415, "The body must be application/json")
    INVALID_BODY = KindFacts("invalid-body", 422, "The body does not fit its schema")
    HEAD_TOO_LARGE = KindFacts("head-too-large", 431, "The headers are too large")
    INTERNAL_ERROR = KindFacts("internal-error", 500, "The server failed")
    UNKNOWN_METHOD = KindFacts("unknown-method", 501, "There is no such method here")
    NOT_READY = KindFacts("not-ready", 503, "The model is not loaded yet")
    OVERLOADED = KindFacts("overloaded", 503, "The server has as much to do as it takes")

    @property
    def type(self) -> str:
        """The address that identifies and explains the kind."""
        return f"{DOCUMENTATION}#{self.value.slug}"


class FieldProblem(Frozen):
    """What is wrong with one field of the request."""

    field: str = Field(description="Where, for example body.activities[3].occurred_at.")
    message: str = Field(description="What was expected; never the value that was sent.")


class Problem(Frozen):
    """The body of every answer that is not a success (RFC 9457)."""

    type: str = Field(description="Address that identifies and explains the kind of problem.")
    title: str = Field(description="The kind of problem in words; the same for all problems of one type.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time, and what to do.")
    instance: str = Field(description="This occurrence; the server's log names it too.")
    errors: list[FieldProblem] = Field(description="The fields that are wrong, if any are.")


class ProblemError(Exception):
    """Raised by a route to answer with a problem."""

    def __init__(
        self, kind: Kind, detail: str, errors: Sequence[FieldProblem] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def invalid_body(problems: Sequence[FieldProblem], count: int | None = None, *, at_least: bool = False) -> ProblemError:
    """The problem of a body some of whose fields are wrong: ``count`` of them, or more if nobody looked further."""
    count = len(problems) if count is None else count
    what = "1 field is" if count == 1 else f"{'At least ' if at_least else ''}{count} fields are"
    more = f" (the first {MAX_ERRORS} are listed)" if count > MAX_ERRORS else ""
    return ProblemError(Kind.INVALID_BODY, f"{what} not as expected{more}: see errors.", problems[:MAX_ERRORS])


def new_instance() -> str:
    """A fresh name for one request; it says nothing about who asked or about whom."""
    return uuid4().urn


def problem_body(kind: Kind, detail: str, instance: str, errors: Sequence[FieldProblem] = ()) -> dict[str, Any]:
    """A problem as JSON values."""
    return Problem(
        type=kind.type,
        title=kind.value.title,
        status=kind.value.status,
        detail=detail,
        instance=instance,
        errors=list(errors),
    ).model_dump()


def problem_response(error: ProblemError, instance: str) -> Response:
    """The answer to a request that went wrong."""
    body = problem_body(error.kind, error.detail, instance, error.errors)
    return Response(orjson.dumps(body), error.kind.value.status, error.headers, MEDIA_TYPE)
