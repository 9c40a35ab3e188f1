"""The fast path to the score of one lead: around the framework, for requests with nothing unusual about them.

What it does not answer at once, from an unknown header to a wrong field, goes the long way through the framework with
its body given back, so that there is one place where problems are worded.

Requests that arrive together are scored together: those that the event loop finds in one turn wait for its next step,
which costs a lone request nothing, and share what a score costs beside its own sums. Each gets the bits it gets alone.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.middleware import REQUEST_ID, log_answer
from serving.model.loading import Loading
from serving.model.served_model import ServedModel
from serving.problems import new_instance
from serving.schemas.answers import ScoreAnswer
from serving.schemas.reading import AT_ONCE
from serving.schemas.requests import ScoreRequest

PATH = "/v1/score"
_MAX_TOGETHER = 16  # more would save little, and keep the first one waiting
_DIGITS = 20  # of a length: more would be something else
_PLAIN = (b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8")


class FastPath:
    """An ASGI application that answers ``POST /v1/score`` and leaves everything else to ``app``."""

    def __init__(self, app: ASGIApp, loading: Loading, max_body_bytes: int) -> None:
        self.app = app
        self.loading = loading
        self.longest = min(max_body_bytes, AT_ONCE)
        self._waiting: list[tuple[ScoreRequest, asyncio.Future[ScoreAnswer]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        model = self.loading.model
        if model is None or scope["type"] != "http" or not self._is_plain(scope):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        messages = await _read(receive)
        try:
            body = b"".join(message.get("body", b"") for message in messages)
            request = ScoreRequest.model_validate_json(body)
            content = orjson.dumps(await self._score(model, request))
        except Exception:  # noqa: BLE001 - whatever it is, the long way comes upon it again and words it
            await self.app(scope, _again(messages, receive), send)
            return
        instance = new_instance()
        head = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
            (REQUEST_ID, instance.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": content})
        log_answer("POST", PATH, 200, started, instance)

    def _score(self, model: ServedModel, request: ScoreRequest) -> asyncio.Future[ScoreAnswer]:
        """The answer to a request, together with all that are asked for in this turn of the event loop."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[ScoreAnswer] = loop.create_future()
        self._waiting.append((request, answer))
        if len(self._waiting) == 1:
            loop.call_soon(self._score_waiting, model)
        return answer

    def _score_waiting(self, model: ServedModel) -> None:
        waiting, self._waiting = self._waiting, []
        for begin in range(0, len(waiting), _MAX_TOGETHER):
            some = waiting[begin : begin + _MAX_TOGETHER]
            try:
                answers = model.score([request for request, _ in some], ["body"] * len(some), datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - one of them is wrong: each goes the long way, alone
                for _, answer in some:
                    _fail(answer, error)
            else:
                for (_, answer), scored in zip(some, answers, strict=True):
                    if not answer.done():  # whoever asked may have gone
                        answer.set_result(scored)

    def _is_plain(self, scope: Scope) -> bool:
        """Whether a request is for one score, and its head as nearly every client writes it."""
        if scope["path"] != PATH or scope["method"] != "POST":
            return False
        kind = length = b""
        for name, value in scope["headers"]:
            if name == b"content-encoding":
                return False
            if name == b"content-type":
                if kind:
                    return False
                kind = value
            elif name == b"content-length":
                length = value
        return kind in _PLAIN and length.isdigit() and len(length) < _DIGITS and int(length) <= self.longest


def _fail(answer: asyncio.Future[ScoreAnswer], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


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
