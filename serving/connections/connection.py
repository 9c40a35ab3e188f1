"""One connection: uvicorn's, with bounds of size and time, and problems for what is no request.

uvicorn bounds neither the head of a request nor the time that a client takes to send it. Nothing here costs a request
more than a few additions: clocks are looked at once a second, for all connections (``sweep``).
"""

import asyncio
import select
import sys
import time
from collections import deque
from enum import Enum
from typing import Any, NamedTuple

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from serving.middleware import log_answer
from serving.problems import MEDIA_TYPE, Kind, new_instance, problem_body

MAX_HEADERS = 100
MAX_WAITING = 100  # requests that a client sent without waiting for the answers to earlier ones
FRAMING = 8  # bytes of chunk sizes and the like for each byte of a body: chunks of one byte have five
LINGER = 2.0  # seconds for which the rest of a refused request is read: an answer would be lost with the connection
NOT_HTTP = "This is not a request in HTTP/1.1: see that the address is percent-encoded, and that no proxy changed it."
UNKNOWN_METHOD = "Nothing here answers to that method. GET /docs lists the methods of each address."
TOO_MANY_CONNECTIONS = "The server has as many connections as it takes. Ask again in a second."
TOO_MUCH_AT_ONCE = "The server holds as many bodies as it takes at once. Ask again in a second."


class Bounds(NamedTuple):
    """What a client may cost; sizes in bytes, times in seconds."""

    head: int
    bodies: int  # all that are being received or answered
    request: float  # to send a request, and to take its answer
    idle: float  # between two requests
    connections: int


class Refusal(NamedTuple):
    """Why nobody answers a request but the connection."""

    kind: Kind
    detail: str


class RefusedError(Exception):
    """Raised while a request is parsed; the parser stops."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


class State(ServerState):
    """What the connections of a server share."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False
        self.held = 0  # bytes of bodies


class Phase(Enum):
    """Whom a connection waits for."""

    IDLE = "the client, for a request"
    RECEIVING = "the client, for the rest of a request"
    ANSWERING = "the server"
    REFUSED = "the client, to read why"


_THEIR_TURN = (Phase.IDLE, Phase.RECEIVING)


class Connection(HttpToolsProtocol):
    """Requests and answers of one client, one after the other."""

    server_state: State

    def __init__(self, *, bounds: Bounds, **given: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(**given)
        self.bounds = bounds
        self.phase = Phase.IDLE
        self.since = 0.0
        self._unread_since: float | None = None  # when the client began to leave an answer untaken
        self._size = self._body = 0  # bytes of the request that is being received, and of its body
        self._held = 0  # bytes of bodies that wait for the application, or that it has
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.bounds.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Part of a request, a whole one, or several."""
        if self.phase is Phase.REFUSED:
            return
        self._size += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.cycle.keep_alive = False  # nothing here speaks another protocol, and the parser has stopped
        except httptools.HttpParserError as error:
            self._refuse(_refusal(error, data))
        else:
            self._check_size()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.phase, self.since = Phase.RECEIVING, self.loop.time()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head of a request is there: the application begins."""
        if self._size > self.bounds.head and self._size_of_head() > self.bounds.head:
            raise RefusedError(self._too_large())
        if len(self.headers) > MAX_HEADERS:
            detail = f"The server reads at most {MAX_HEADERS} headers."
            raise RefusedError(Refusal(Kind.HEAD_TOO_LARGE, detail))
        if len(self.pipeline) >= MAX_WAITING:
            raise RefusedError(Refusal(Kind.OVERLOADED, TOO_MUCH_AT_ONCE))
        earlier = self.cycle
        super().on_headers_complete()
        self._in_head = False
        self._size = self._body = 0
        self.headers = deque(maxlen=0)  # type: ignore[assignment] # fields after the body: of no use, and unbounded
        if self.server_state.draining:
            self.cycle.keep_alive = False
            if self.pipeline and not earlier.response_started:
                earlier.keep_alive = True  # this one has come too: it is the last now

    def on_body(self, body: bytes) -> None:
        """Part of a body."""
        self._body += len(body)
        if self.cycle.response_complete:  # refused already: the rest is read and dropped
            return
        self._held += len(body)
        self.server_state.held += len(body)
        if self.server_state.held > self.bounds.bodies:
            raise RefusedError(Refusal(Kind.OVERLOADED, TOO_MUCH_AT_ONCE))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        super().on_message_complete()
        self._size = 0
        if self.cycle.response_complete:
            self._rest()
        else:
            self.phase = Phase.ANSWERING

    def on_response_complete(self) -> None:
        """The last byte of an answer is on its way; in place of uvicorn's own, which sets a timer each time."""
        self.server_state.total_requests += 1
        if not self.pipeline:
            self._let_go()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.phase is Phase.ANSWERING:
            self._rest()

    def sweep(self, now: float) -> None:
        """End the connection where its client has taken too long."""
        if self.transport.get_write_buffer_size():
            self._unread_since = self._unread_since or now
            if now - self._unread_since > self.bounds.request:
                self.transport.abort()
            return
        self._unread_since = None
        waited = now - self.since
        match self.phase:
            case Phase.IDLE if waited > self.bounds.idle:
                self.close_unless_asked()
            case Phase.RECEIVING if waited > self.bounds.request:
                self._refuse(Refusal(Kind.REQUEST_TIMEOUT, f"A request has to be here in {self.bounds.request:g} s."))
            case Phase.REFUSED if waited > (LINGER if self._answered else self.bounds.request):
                self.transport.close()

    def drain(self) -> None:
        """Let the answer to the request that has come be the last."""
        if not self._answered:
            self.cycle.keep_alive = False

    def close_unless_asked(self) -> None:
        """Close a connection without a request, unless the first bytes of one have just come."""
        if sys.platform != "win32":
            come = select.poll()
            come.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
            if come.poll(0):
                return
        self.transport.close()

    def _make_room(self) -> None:
        """Part with the tenth of all connections whose clients have let the server wait longest."""
        waiting = [each for each in self.connections if isinstance(each, Connection) and each.phase in _THEIR_TURN]
        waiting.sort(key=lambda each: each.since)
        for each in waiting[: self.bounds.connections // 10 + 1]:
            each._refuse(Refusal(Kind.OVERLOADED, TOO_MANY_CONNECTIONS))
            each.transport.close()

    @property
    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete or self.cycle.disconnected

    def _rest(self) -> None:
        self.phase, self.since = Phase.IDLE, self.loop.time()

    def _let_go(self) -> None:
        self.server_state.held -= self._held
        self._held = 0

    def _check_size(self) -> None:
        """Bound what is not a body: a head without end, extensions of chunks, and fields after the last one."""
        if self.phase is not Phase.RECEIVING:
            self._size = 0
        elif self._in_head and self._size > self.bounds.head:
            self._refuse(self._too_large())
        elif not self._in_head and self._size > 2 * self.bounds.head + (FRAMING + 1) * self._body:
            self._refuse(Refusal(Kind.INVALID_REQUEST, NOT_HTTP))

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _too_large(self) -> Refusal:
        kind = Kind.ADDRESS_TOO_LONG if len(self.url) > self.bounds.head // 2 else Kind.HEAD_TOO_LARGE
        return Refusal(kind, f"The server reads at most {self.bounds.head:,} bytes before the body.")

    def _refuse(self, refusal: Refusal) -> None:
        """Answer in the application's place, and read no more; after an answer that is due, if one is."""
        if self.transport.is_closing():
            return
        received = self.phase is Phase.RECEIVING and not self._in_head  # so that the application has it already
        self.phase, self.since = Phase.REFUSED, self.loop.time()
        if received and self.cycle.response_complete:
            self.transport.close()
            return
        if not self._answered:
            if not received or self.pipeline or self.cycle.response_started:
                self.cycle.keep_alive = False
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(self._problem(refusal))
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _problem(self, refusal: Refusal) -> bytes:
        instance = new_instance()
        body = orjson.dumps(problem_body(refusal.kind, refusal.detail, instance))
        head = [
            *self.server_state.default_headers,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
            (b"x-request-id", instance.encode()),
        ]
        status = refusal.kind.value.status
        if refusal.kind is Kind.OVERLOADED:
            head.append((b"retry-after", b"1"))
        log_answer("-", "(no request)", status, time.perf_counter(), instance)
        return b"".join((STATUS_LINE[status], *(b"%s: %s\r\n" % field for field in head), b"\r\n", body))


def _refusal(error: Exception, data: bytes) -> Refusal:
    """What a person may make of the parser's error, which may quote what was sent."""
    if isinstance(error.__context__, RefusedError):
        return error.__context__.refusal
    if isinstance(error, httptools.HttpParserInvalidMethodError) and data[:1].isalpha():
        return Refusal(Kind.UNKNOWN_METHOD, UNKNOWN_METHOD)
    return Refusal(Kind.INVALID_REQUEST, NOT_HTTP)
