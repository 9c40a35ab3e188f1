"""The server under attack: ends, deaths, slow senders and hostile bodies, with clients that count what they lose.

A request is accepted when its connection came about and it was sent; it is lost when the connection ends before its
answer. Whoever finds nobody listening tries again, as a load balancer would.
"""

import json
import os
import random
import re
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bodies import choose, make_bodies
from benchmarks.hostile import Hostile
from benchmarks.http import made_demo
from benchmarks.load import Target, request
from benchmarks.processes import free_port, running
from benchmarks.results import Result
from pipelines.workspace.workspace import Workspace

TIMES, KEPT, FRESH = 20, 8, 4
SLOW, ROUNDS, SECONDS = 1_000, 7, 4.0
HOSTILE = 100_000
BODIES = 64
MOST_MEMORY = 50e6
PAUSE = 0.5  # seconds under load before and after each end


def run(scale: float, model: Path | None = None) -> list[Result]:
    """Nothing lost through ends and deaths, the p99 beside slow senders, and the memory after hostile bodies.

    A scale below 1 does everything less often. ``model`` takes the place of the demo's champion.
    """
    if model is None:
        demo = Workspace(made_demo())
        model, bodies = demo.champion, make_bodies(demo, choose(demo, BODIES))
    else:
        bodies = [{"lead": {"lead_id": str(number)}} for number in range(BODIES)]
    asked = [json.dumps(body).encode() for body in bodies]
    times = max(2, round(TIMES * scale))
    with tempfile.TemporaryDirectory(prefix="whylead-drill-") as directory:
        place = Place(Path(directory), model.resolve())
        place.bodies.write_bytes(b"\n".join(asked))
        return [
            server_ends(place, 1, times, asked),
            server_ends(place, 2, times, asked),
            workers_end(place, signal.SIGTERM, times, asked),
            workers_end(place, signal.SIGKILL, times, asked),
            slow_senders(place, max(100, round(SLOW * scale)), scale),
            hostile_bodies(place, max(1_000, round(HOSTILE * scale))),
        ]


@dataclass(frozen=True)
class Place:
    """Where the drill writes, and the model that it serves."""

    directory: Path
    model: Path

    @property
    def bodies(self) -> Path:
        return self.directory / "bodies.json"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    @contextmanager
    def server(self, port: int, workers: int = 1) -> Iterator[None]:
        command = [sys.executable, "-P", "-m", "serving"]
        settings = {"MODEL": str(self.model), "PORT": str(port), "WORKERS": str(workers)}
        environment = {f"WHYLEAD_{name}": value for name, value in settings.items()}
        with running(command, port, "/readyz", self.log, **environment):
            yield

    def workers(self) -> list[int]:
        """The processes that answer."""
        started = map(int, re.findall(r"Started server process \[(\d+)\]", self.log.read_text()))
        return [worker for worker in started if Path(f"/proc/{worker}").exists()]


@dataclass
class Clients:
    """Threads that ask as fast as they are answered, on kept connections or on a new one for each request."""

    port: int
    asked: list[bytes]
    answered: int = 0
    refused: int = 0  # other answers than 200, and than 503 while the model is loaded, after which they ask again
    lost: int = 0
    longest: float = 0.0  # seconds from a wish to connect to its answer
    _end: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asking(self) -> Iterator["Clients"]:
        threads = [threading.Thread(target=self._ask, args=(number < KEPT,)) for number in range(KEPT + FRESH)]
        for each in threads:
            each.start()
        try:
            yield self
        finally:
            self._end.set()
            for each in threads:
                each.join()

    def _ask(self, kept: bool) -> None:
        connection: socket.socket | None = None
        wished = time.perf_counter()
        while not self._end.is_set():
            try:
                asking = connection or socket.create_connection(("127.0.0.1", self.port), timeout=60)
            except OSError:
                time.sleep(0.01)
                continue
            try:
                connection = asking if self._answer(asking) and kept else None
            except OSError:
                self.lost += 1
                connection = None
            if connection is None:
                asking.close()
            self.longest = max(self.longest, time.perf_counter() - wished)
            wished = time.perf_counter()
        if connection is not None:
            connection.close()

    def _answer(self, connection: socket.socket) -> bool:
        """Ask once; True where the server keeps the connection."""
        connection.sendall(request("/v1/score", "whylead", random.choice(self.asked)))
        received, length = b"", -1
        while length < 0 or len(received) < length:
            part = connection.recv(65536)
            if not part:
                raise ConnectionError("closed without an answer")
            received += part
            head = received.find(b"\r\n\r\n")
            if length < 0 <= head:
                length = head + 4 + int(re.search(rb"content-length: (\d+)", received)[1])  # type: ignore[index]
        self.answered += received.startswith(b"HTTP/1.1 200")
        self.refused += not received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))
        return b"\r\nconnection: close\r\n" not in received


def server_ends(place: Place, workers: int, times: int, asked: list[bytes]) -> Result:
    """A server is asked to end under full load, and the next one starts on its port, again and again."""
    port = free_port()
    with Clients(port, asked).asking() as clients:
        for _ in range(times):
            with place.server(port, workers):
                time.sleep(PAUSE)
    return _lost(f"{times} SIGTERMs to a server of {workers}", clients, 0)


def workers_end(place: Place, how: signal.Signals, times: int, asked: list[bytes]) -> Result:
    """One of two workers ends under full load, again and again."""
    port = free_port()
    with place.server(port, 2):
        _until(lambda: len(place.workers()) == 2)
        with Clients(port, asked).asking() as clients:
            for _ in range(times):
                time.sleep(PAUSE + 1)
                os.kill(random.choice(place.workers()), how)
                time.sleep(PAUSE)
                _until(lambda: len(place.workers()) == 2)
    # A process that is killed takes with it what it was answering: at most one request of each connection.
    return _lost(f"{times} of two workers: {how.name}", clients, times * (KEPT + FRESH) if how == signal.SIGKILL else 0)


def _lost(name: str, clients: Clients, allowed: int) -> Result:
    refused = f", {clients.refused} REFUSED" if clients.refused else ""
    note = f"{clients.lost} lost of {clients.answered:,}{refused}; the longest wait {clients.longest:.1f} s"
    kept = 1 - max(0, clients.lost - allowed + clients.refused) / max(1, clients.answered)
    return Result(f"{name}: accepted requests kept", f"all but {allowed}" if allowed else "all", kept, 1.0, None, note)


def slow_senders(place: Place, count: int, scale: float) -> Result:
    """The p99 of 16 normal connections, without and with clients that send a byte now and then, in turn."""
    port = free_port()
    target = Target(port, "/v1/score", place.bodies)
    seconds, quiet, beside = max(1.0, SECONDS * scale), list[float](), list[float]()
    with place.server(port):
        target.load(16, 1.0)
        for _ in range(max(3, round(ROUNDS * scale))):
            quiet.append(target.load(16, seconds).p99)
            with dripping(port, count):
                beside.append(target.load(16, seconds).p99)
    before, after = statistics.median(quiet), statistics.median(beside)
    note = f"{after:.2f} ms beside {count:,} slow senders, {before:.2f} ms without"
    return Result("POST /v1/score: p99, 2 x without over with", "slow senders", 2 * before / after, 1.0, None, note)


@contextmanager
def dripping(port: int, count: int) -> Iterator[None]:
    """Connections that send a request byte by byte; who is sent away comes again."""
    end = threading.Event()
    begun = b"POST /v1/score HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"

    def drip() -> None:
        with ExitStack() as stack:
            senders = [stack.enter_context(_slow(port)) for _ in range(count)]
            ready.set()
            while not end.is_set():
                for number, each in enumerate(senders):
                    try:
                        each.sendall(begun if random.random() < 0.05 else b" ")
                    except OSError:
                        senders[number] = stack.enter_context(_slow(port))
                end.wait(0.5)

    ready = threading.Event()
    thread = threading.Thread(target=drip)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _slow(port: int) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", port))
    sender.sendall(random.choice([b"POST /v1/score HTTP/1.1\r\n", b"G", b"GET /healthz HTTP/1.1\r\nX: "]))
    return sender


def hostile_bodies(place: Place, count: int) -> Result:
    """The memory of a server before and after bodies of every bad kind, none of which it may fail at."""
    port = free_port()
    with place.server(port):
        sender = Hostile(port, place.bodies.read_bytes().splitlines()[0])
        sender.send(count // 50)  # what is made at first stays: kinds of answers, arenas of threads
        before = _memory(place.workers()[0])
        sender.send(count)
        after = _memory(place.workers()[0])
    note = f"{before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after {count:,} bodies: {sender.told()}"
    grown = max(after - before, 1.0)
    failed = sender.failed()
    name = "memory after hostile bodies: 50 MB over the growth"
    return Result(name, "50 MB", float("nan") if failed else MOST_MEMORY / grown, 1.0, None, note)


def _memory(process: int) -> float:
    """Resident bytes."""
    return float(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + 60
    while not condition():
        if time.perf_counter() > deadline:
            raise TimeoutError("the workers did not come back")
        time.sleep(0.02)
