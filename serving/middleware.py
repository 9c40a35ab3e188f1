"""The outermost layer: names each request, bounds its body, logs it without its content, and survives any failure."""

import logging
import time
import traceback

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.exception_handlers import to_problem
from serving.problems import Kind, new_instance, problem_response

logger = logging.getLogger("whylead.serving")
REQUEST_ID = b"x-request-id"


class BodyTooLargeError(HTTPException):
    """The body is longer than the server reads; an HTTPException because the framework lets only these through."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The server reads at most {limit:,} bytes of a body: send smaller batches.")


class RequestMiddleware:
    """ASGI middleware around the whole application.

    The log names the route, never the address as sent, the query or the body: these may hold personal data. For the
    same reason a failure is logged by its type and place and without its message.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self.max_body_bytes)
        try:
            exchange.refuse_announced_length()
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001 - the last place that can still answer
            await exchange.fail(error)
        exchange.log()


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self.instance = scope["instance"] = new_instance()
        self.started = time.perf_counter()
        self.status = 0
        self.length = 0
        self.limit = limit
        self._scope, self._receive, self._send = scope, receive, send

    def refuse_announced_length(self) -> None:
        """Refuse by the header, before anything is read."""
        for name, announced in self._scope["headers"]:
            if name == b"content-length" and announced.isdigit() and number(announced) > self.limit:
                raise BodyTooLargeError(self.limit)

    async def receive(self) -> Message:
        """The next part of the body, as long as the body keeps within its bounds."""
        message = await self._receive()
        self.length += len(message.get("body", b""))
        if self.length > self.limit:
            raise BodyTooLargeError(self.limit)
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on, with the name of the request in its head."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (REQUEST_ID, self.instance.encode())]
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer with a problem, or break off where an answer has begun."""
        problem = to_problem(error)
        if problem.kind is Kind.INTERNAL_ERROR:
            logger.error("%s failed: %s at %s", self.instance, type(error).__name__, _places(error))
        if not self.status:
            await problem_response(problem, self.instance)(self._scope, self._receive, self.send)

    def log(self) -> None:
        """One line per request."""
        route = getattr(self._scope.get("route"), "path", "(unknown address)")
        log_answer(self._scope["method"], route, self.status, self.started, self.instance)


def number(digits: bytes) -> int:
    """A number as large as a client likes to write it: beyond twenty digits it only stays larger than any bound."""
    return int(digits.lstrip(b"0")[:20] or b"0")


def log_answer(method: str, route: str, status: int, started: float, instance: str) -> None:
    """The line of one request that began at ``started`` (``time.perf_counter``)."""
    logger.info("%s %s %d %.1f ms %s", method, route, status, 1000 * (time.perf_counter() - started), instance)


def _places(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
