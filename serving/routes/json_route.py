"""Routes that take JSON: what is none is refused before it is read, and a long body is read beside the event loop."""

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import anyio
import anyio.to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import Headers

from serving.exception_handlers import problem_of
from serving.problems import Kind, ProblemError
from serving.process.memory import give_back
from serving.schemas.reading import AT_ONCE, WrongBodyError, read_batch, read_score
from serving.schemas.requests import BatchRequest, ScoreRequest

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
READERS: Mapping[type[BaseModel], Callable[[bytes], BaseModel]] = {ScoreRequest: read_score, BatchRequest: read_batch}
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)


class JsonRoute(APIRoute):
    """A route whose body is one JSON object."""

    def get_route_handler(self) -> Handler:
        """The framework's handler, which gets a long body as the object that it became."""
        answer = super().get_route_handler()
        assert self.body_field is not None
        read = READERS[self.body_field.field_info.annotation]  # type: ignore[index] # the two that there are

        async def handle(request: Request) -> Response:
            require_json(request.headers)
            if len(await request.body()) <= AT_ONCE:
                return await answer(request)
            try:
                return await answer(await _read(request, read))
            finally:
                await anyio.to_thread.run_sync(give_back)

        return handle


class ReadRequest(Request):
    """A request whose body has been read."""

    def __init__(self, request: Request, value: BaseModel) -> None:
        super().__init__(request.scope, request.receive)
        self._value = value

    async def body(self) -> bytes:
        """Something, so that there is a body."""
        return b"{}"

    async def json(self) -> BaseModel:
        """What was read."""
        return self._value


async def _read(request: Request, read: Callable[[bytes], BaseModel]) -> ReadRequest:
    """Raises ProblemError."""
    # One at a time, as more would only share the processor, and a lock.
    limiter: anyio.CapacityLimiter = request.app.state.long_limiter
    try:
        return ReadRequest(request, await anyio.to_thread.run_sync(read, await request.body(), limiter=limiter))
    except WrongBodyError as error:
        raise problem_of(error.errors, error.count, at_least=error.at_least) from None


def require_json(headers: Headers) -> None:
    """Let only JSON in UTF-8 without compression pass.

    Raises ProblemError (415).
    """
    kinds = headers.getlist("content-type")
    kind, *_ = kinds[0].split(";", 1) if len(kinds) == 1 else ("",)
    if kind.strip().lower() != "application/json":
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send one header Content-Type: application/json.")
    if any(each.lower() not in {"utf-8", "utf8", "us-ascii"} for each in _CHARSET.findall(kinds[0])):
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "JSON is encoded in UTF-8: leave out the charset.")
    if any(each.strip().lower() not in {"", "identity"} for each in headers.getlist("content-encoding")):
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send the body without compression (no Content-Encoding).")
