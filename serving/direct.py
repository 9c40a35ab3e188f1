"""The short way to the score of one lead: below the framework's routing, for requests with nothing unusual about them.

What it cannot answer at once, from an unknown header to a wrong field, goes the long way through the framework with its
body given back, so that there is one place where problems are told.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.loading import Loading
from serving.problems import ProblemError
from serving.requests import ScoreRequest

PATH = "/v1/score"
_PLAIN = (b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8")


class _Route(NamedTuple):
    """What the log line names."""

    path: str


class Direct:
    """ASGI middleware that answers ``POST /v1/score`` and passes everything else on."""

    def __init__(self, app: ASGIApp, loading: Loading) -> None:
        self.app = app
        self.loading = loading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        model = self.loading.model
        if model is None or scope["type"] != "http" or not _is_plain(scope):
            await self.app(scope, receive, send)
            return
        messages = await _read(receive)
        body = messages[0]["body"] if len(messages) == 1 else b"".join(each.get("body", b"") for each in messages)
        try:
            request = ScoreRequest.model_validate_json(body)
            (answer,) = model.score([request], ["body"], datetime.now(UTC))
        except (ValidationError, ProblemError):
            await self.app(scope, _again(messages, receive), send)
            return
        scope["route"] = _Route(PATH)
        content = orjson.dumps(answer)
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": content})


def _is_plain(scope: Scope) -> bool:
    """Whether a request is for one score, and its head as nearly every client writes it."""
    if scope["path"] != PATH or scope["method"] != "POST":
        return False
    kind = b""
    for name, value in scope["headers"]:
        if name == b"content-encoding":
            return False
        if name == b"content-type":
            kind = value
    return kind in _PLAIN


async def _read(receive: Receive) -> list[Message]:
    """All parts of a body; the last one may be that the client has gone."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(messages: Sequence[Message], receive: Receive) -> Receive:
    """Give parts that were read to whoever reads next."""
    left = list(reversed(messages))

    async def next_part() -> Message:
        return left.pop() if left else await receive()

    return next_part
