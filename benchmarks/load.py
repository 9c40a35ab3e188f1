"""Load from a process of its own: ``python -m benchmarks.load``, keep-alive connections that each ask again at once.

Requests are bytes made before the clock starts, written to bare sockets and answered into a list of latencies, so that
the generator costs a fraction of what any server does; the share of a core that it used is part of the result.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

HEAD = "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


@dataclass(frozen=True)
class Measured:
    """What one stretch of load gave; latencies in milliseconds, of whole answers."""

    per_second: float
    median: float
    p99: float
    refused: int  # answers other than 200
    cpu_share: float  # of one core, used by the generator


@dataclass(frozen=True)
class Target:
    """Where to ask, and what: a file of JSON bodies, one a line, asked in turn."""

    port: int
    path: str
    bodies: Path

    def load(self, connections: int, seconds: float) -> Measured:
        """Ask for so long from a process of its own."""
        arguments = ["--port", str(self.port), "--path", self.path, "--bodies", str(self.bodies)]
        arguments += ["--connections", str(connections), "--seconds", str(seconds)]
        command = [sys.executable, "-m", "benchmarks.load", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        return Measured(**json.loads(ran.stdout))


class Connection(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again until the deadline."""

    def __init__(self, asked: list[bytes], first: int, deadline: float) -> None:
        self.asked = asked
        self.next = first
        self.deadline = deadline
        self.latencies: list[float] = []
        self.refused = 0
        self.done = asyncio.get_running_loop().create_future()
        self._received = b""
        self._expected = -1

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - of whichever loop
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._expected < 0:
            head = self._received.find(b"\r\n\r\n")
            if head < 0:
                return
            at = self._received.lower().index(b"content-length:", 0, head) + len(b"content-length:")
            self._expected = head + 4 + int(self._received[at : self._received.index(b"\r\n", at)])
        if len(self._received) >= self._expected:
            self._answered()

    def _answered(self) -> None:
        now = time.perf_counter()
        self.latencies.append(now - self.started)
        self.refused += not self._received.startswith(b"HTTP/1.1 200")
        if now < self.deadline:
            self._ask()
        else:
            self.transport.close()

    def _ask(self) -> None:
        self._received, self._expected = b"", -1
        self.next = (self.next + 1) % len(self.asked)
        self.started = time.perf_counter()
        self.transport.write(self.asked[self.next])

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or self._expected < 0:
            self.done.set_exception(exc or ConnectionError("the server closed a connection that was waiting"))
        else:
            self.done.set_result(None)


async def ask(port: int, asked: list[bytes], connections: int, seconds: float) -> Measured:
    loop = asyncio.get_running_loop()
    started, cpu = time.perf_counter(), time.process_time()
    opened = []
    for number in range(connections):
        first = number * len(asked) // connections
        deadline = started + seconds
        made = await loop.create_connection(lambda: Connection(asked, first, deadline), "127.0.0.1", port)  # noqa: B023
        opened.append(made[1])
    await asyncio.gather(*(each.done for each in opened))
    took, used = time.perf_counter() - started, time.process_time() - cpu
    latencies = sorted(1000 * latency for each in opened for latency in each.latencies)
    count = len(latencies)
    refused = sum(each.refused for each in opened)
    return Measured(count / took, latencies[count // 2], latencies[int(0.99 * (count - 1))], refused, used / took)


def request(path: str, host: str, body: bytes) -> bytes:
    return HEAD.format(path=path, host=host, length=len(body)).encode() + body


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/v1/score")
    parser.add_argument("--bodies", type=Path, required=True, help="JSON bodies, one a line")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    host = f"127.0.0.1:{options.port}"
    asked = [request(options.path, host, body) for body in options.bodies.read_bytes().splitlines()]
    measured = uvloop.run(ask(options.port, asked, options.connections, options.seconds))
    json.dump(asdict(measured), sys.stdout)


if __name__ == "__main__":
    main()
