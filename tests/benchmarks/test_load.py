"""The load generator asks every connection's bodies in turn, waits for whole answers, and counts refusals."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from benchmarks.load import Measured, ask, request

CONNECTIONS, SECONDS = 4, 0.2


class Server:
    """Answers in two pieces, and counts what it was asked."""

    def __init__(self, status: bytes = b"200 OK") -> None:
        self.status = status
        self.bodies: Counter[bytes] = Counter()
        self.connections = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
                self.bodies[await reader.readexactly(length)] += 1
                writer.write(b"HTTP/1.1 " + self.status + b"\r\ncontent-length: 4\r\n\r\nab")
                await asyncio.sleep(0)
                writer.write(b"cd")
        except asyncio.IncompleteReadError:
            writer.close()


async def loaded(server: Server, bodies: list[bytes]) -> Measured:
    async with await asyncio.start_server(server.answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        asked = [request("/v1/score", f"127.0.0.1:{port}", body) for body in bodies]
        return await ask(port, asked, CONNECTIONS, SECONDS)


def run(load: Coroutine[Any, Any, Measured]) -> Measured:
    return asyncio.run(load)


def test_every_body_is_asked_about_as_often_on_each_of_the_connections() -> None:
    server = Server()
    measured = run(loaded(server, [b"one", b"two!", b"three"]))
    assert server.connections == CONNECTIONS
    assert set(server.bodies) == {b"one", b"two!", b"three"}
    assert max(server.bodies.values()) - min(server.bodies.values()) <= CONNECTIONS
    assert measured.refused == 0
    assert measured.per_second * SECONDS <= sum(server.bodies.values()) + CONNECTIONS
    assert 0 < measured.median <= measured.p99


def test_answers_other_than_200_are_counted() -> None:
    server = Server(b"503 Service Unavailable")
    assert run(loaded(server, [b"body"])).refused == server.bodies[b"body"] > 0


def test_a_server_that_hangs_up_is_an_error() -> None:
    async def hang_up() -> Measured:
        def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with await asyncio.start_server(close, "127.0.0.1", 0) as listening:
            return await ask(listening.sockets[0].getsockname()[1], [b"asked"], 1, SECONDS)

    with pytest.raises(ConnectionError):
        run(hang_up())
