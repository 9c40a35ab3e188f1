"""Turn whatever was raised while a request was answered into a problem."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from data_contracts.hints import did_you_mean
from data_contracts.validation_errors import known_keys
from data_contracts.wording import JSON_WORDS, expectation
from serving.problems import (
    MAX_ERRORS,
    MAX_NAME,
    FieldProblem,
    Kind,
    ProblemError,
    invalid_body,
    new_instance,
    problem_response,
)
from serving.schemas.requests import ScoreRequest

KIND_OF_STATUS = {
    404: Kind.NOT_FOUND,
    405: Kind.METHOD_NOT_ALLOWED,
    413: Kind.BODY_TOO_LARGE,
    415: Kind.UNSUPPORTED_MEDIA_TYPE,
}
DETAIL_OF_KIND = {
    Kind.NOT_FOUND: "GET /docs lists what the server answers to.",
    Kind.METHOD_NOT_ALLOWED: "GET /docs lists the methods of each address.",
    Kind.INVALID_REQUEST: "The request could not be read: send one JSON object encoded in UTF-8.",
}


def add_handlers(app: FastAPI) -> None:
    """Let the application answer every error with a problem."""
    app.add_exception_handler(ProblemError, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return problem_response(to_problem(error), request.scope.get("instance") or new_instance())


def to_problem(error: Exception) -> ProblemError:
    """The problem that tells a person about an error."""
    match error:
        case ProblemError():
            return error
        case RequestValidationError():
            errors = error.errors()
            return problem_of(errors, len(errors))
        case ClientDisconnect():
            return ProblemError(Kind.INVALID_REQUEST, "The client went before its request was here.")
        case HTTPException():
            kind = KIND_OF_STATUS.get(error.status_code, Kind.INVALID_REQUEST)
            return ProblemError(kind, DETAIL_OF_KIND.get(kind, str(error.detail)), headers=dict(error.headers or {}))
        case _:
            return ProblemError(Kind.INTERNAL_ERROR, "Internal error; see the server log.")


def problem_of(errors: Sequence[Any], count: int, *, at_least: bool = False) -> ProblemError:
    """The problem of a body with ``count`` errors, or more if nobody looked further, the first of which are given."""
    for error in errors[:MAX_ERRORS]:
        if error["type"] == "json_invalid":
            return ProblemError(Kind.INVALID_JSON, f"The body is not JSON: {_where(error)}.")
        if error["type"] == "too_deep":
            return ProblemError(Kind.INVALID_REQUEST, f"The request could not be read: {error['msg']}.")
    for error in errors:
        if error["type"] == "batch_too_large":
            return ProblemError(Kind.BATCH_TOO_LARGE, error["msg"], [field_problem(error)])
    return invalid_body([field_problem(error) for error in errors[:MAX_ERRORS]], count, at_least=at_least)


def _where(error: Any) -> str:  # noqa: ANN401 - as the parser has it, Python's or pydantic's
    """Where a body is no JSON, and why."""
    why, (_, *place) = error["ctx"]["error"], error["loc"]
    match place:
        case []:
            return str(why)
        case [int(character)]:
            return f"{why} at character {character}"
        case _:
            return f"{field_path(error['loc'])} has {why} of the item"


def field_problem(error: Any) -> FieldProblem:  # noqa: ANN401 - pydantic's details, of which FastAPI says no more
    """What a person is told of an error."""
    return FieldProblem(field=field_path(error["loc"]), message=_message(error))


def _message(error: Any) -> str:  # noqa: ANN401 - pydantic's details, of which FastAPI says no more
    """What was expected, never what was sent; of an unknown field, the field that is like it."""
    if error["type"] == "extra_forbidden":
        *_, name = error["loc"]
        known = known_keys(ScoreRequest, error["loc"][1:])
        return f"This field is not known. {did_you_mean(str(name)[:MAX_NAME], known)}".strip()
    words = expectation(error, JSON_WORDS)
    return words[:1].upper() + words[1:]


def field_path(location: Sequence[str | int]) -> str:
    """Where a field is, as a person would write it: ``body.activities[3].occurred_at``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part[:MAX_NAME]}"
    return path.removeprefix(".")
