"""Turn whatever was raised while a request was answered into a problem."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from data_contracts.hints import did_you_mean
from data_contracts.validation_errors import known_keys
from data_contracts.wording import JSON_WORDS, expectation
from serving.problems import FieldProblem, Kind, ProblemError, invalid_body, new_instance, problem_response
from serving.schemas.requests import ScoreRequest

MAX_NAME = 64
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
            return _of_validation(error.errors())
        case HTTPException():
            kind = KIND_OF_STATUS.get(error.status_code, Kind.INVALID_REQUEST)
            return ProblemError(kind, DETAIL_OF_KIND.get(kind, str(error.detail)), headers=dict(error.headers or {}))
        case _:
            return ProblemError(Kind.INTERNAL_ERROR, "Internal error; see the server log.")


def _of_validation(errors: Sequence[Any]) -> ProblemError:
    first = errors[0]
    if first["type"] == "json_invalid":
        detail = f"The body is not JSON: {first['ctx']['error']} at character {first['loc'][1]}."
        return ProblemError(Kind.INVALID_JSON, detail)
    for error in errors:
        if error["type"] == "batch_too_large":
            return ProblemError(Kind.BATCH_TOO_LARGE, error["msg"], [_field_problem(error)])
    return invalid_body([_field_problem(error) for error in errors])


def _field_problem(error: dict[str, Any]) -> FieldProblem:
    return FieldProblem(field=field_path(error["loc"]), message=_message(error))


def _message(error: Any) -> str:  # noqa: ANN401 - pydantic's details, of which FastAPI says no more
    """What was expected, never what was sent; of an unknown field, the field that is like it."""
    if error["type"] == "extra_forbidden":
        *_, name = error["loc"]
        return f"This field is not known. {did_you_mean(str(name), known_keys(ScoreRequest, error['loc'][1:]))}".strip()
    words = expectation(error, JSON_WORDS)
    return words[:1].upper() + words[1:]


def field_path(location: Sequence[str | int]) -> str:
    """Where a field is, as a person would write it: ``body.activities[3].occurred_at``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part[:MAX_NAME]}"
    return path.removeprefix(".")
