"""A server that is asked to end, and a worker that is replaced, lose no request that they accepted."""

import os
import re
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from serving.process.sockets import DEALS_OUT
from tests.serving.conftest import Company
from tests.serving.test_server import PATIENCE, Server

pytestmark = pytest.mark.skipif(not DEALS_OUT, reason="other systems close a socket with all that waits in its queue")


class Clients:
    """Threads that ask again and again, on kept connections or on a new one each time."""

    def __init__(self, port: int, *, kept: bool) -> None:
        self.port = port
        self.kept = kept
        self.answered = 0
        self.lost: list[str] = []
        self.last_on_connection = 0  # answers that said so
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(4)]

    @contextmanager
    def asking(self) -> Iterator["Clients"]:
        for each in self.threads:
            each.start()
        try:
            yield self
        finally:
            self.end.set()
            for each in self.threads:
                each.join()

    def _ask(self) -> None:
        connection: socket.socket | None = None
        while not self.end.is_set():
            try:
                asking = connection or socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            except OSError:  # nobody listens: not accepted, so not lost
                time.sleep(0.01)
                continue
            try:
                connection = self._ask_on(asking)
            except OSError as error:
                self.lost.append(repr(error))
                asking.close()
                connection = None
        if connection is not None:
            connection.close()

    def _ask_on(self, connection: socket.socket) -> socket.socket | None:
        connection.sendall(
            b"POST /v1/score HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" + b'{"lead": {}}'
        )
        received = b""
        while not received.endswith(b"}"):
            part = connection.recv(65536)
            if not part:
                raise ConnectionError("closed without an answer")
            received += part
        assert received.startswith(b"HTTP/1.1 200 "), received
        self.answered += 1
        last = b"\r\nconnection: close\r\n" in received
        self.last_on_connection += last
        if self.kept and not last:
            return connection
        connection.close()
        return None


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def port_of(server: Server) -> int:
    return int(server.wait_for(r"running on http://127\.0\.0\.1:(\d+)"))


@pytest.mark.parametrize("kept", [True, False], ids=["kept connections", "a connection each"])
def test_a_server_that_ends_answers_all_that_it_accepted(company: Company, tmp_path: Path, kept: bool) -> None:
    server = Server(tmp_path / "log", "-m", "serving", MODEL=str(company.artifact), PORT="0")
    server.wait_for("(Ready) after")
    idle = socket.create_connection(("127.0.0.1", port_of(server)))
    with idle, Clients(port_of(server), kept=kept).asking() as clients:
        until(lambda: clients.answered > 50)
        asked = time.monotonic()
        assert server.stop() in (0, -signal.SIGTERM)
        assert time.monotonic() - asked < 5
        assert idle.recv(1) == b""
    assert clients.lost == []
    assert clients.last_on_connection >= (4 if kept else 0)


def workers_of(server: Server) -> list[int]:
    """Those that have not ended."""
    started = map(int, re.findall(r"Started server process \[(\d+)\]", server.log.read_text()))
    return [worker for worker in started if Path(f"/proc/{worker}").exists()]


@pytest.fixture(scope="module")
def two(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server with two workers, and the directory of its model."""
    directory = tmp_path_factory.mktemp("two")
    shutil.copytree(company.artifact, directory / "model")
    server = Server(directory / "log", "-m", "serving", MODEL=str(directory / "model"), PORT="0", WORKERS="2")
    server.wait_for("(?s)(Ready after.*Ready after)")
    yield server, directory / "model"
    assert server.stop() == 0


def replace(server: Server, how: int) -> None:
    """End the newest worker, and wait until another is ready in its place."""
    ready, worker = server.log.read_text().count("Ready after"), workers_of(server)[-1]
    os.kill(worker, how)
    until(lambda: server.log.read_text().count("Ready after") > ready)


def test_a_worker_that_is_asked_to_end_loses_nothing(two: tuple[Server, Path]) -> None:
    server, _ = two
    with Clients(port_of(server), kept=True).asking() as kept, Clients(port_of(server), kept=False).asking() as fresh:
        for _ in range(2):
            time.sleep(1)
            replace(server, signal.SIGTERM)
    assert kept.lost + fresh.lost == []
    assert kept.answered > 50
    assert fresh.answered > 50


def test_a_worker_that_dies_loses_only_what_it_held(two: tuple[Server, Path]) -> None:
    server, _ = two
    time.sleep(1)
    with Clients(port_of(server), kept=True).asking() as clients:
        until(lambda: clients.answered > 50)
        replace(server, signal.SIGKILL)
        answered = clients.answered
        until(lambda: clients.answered > answered + 50)
    assert len(clients.lost) <= len(clients.threads)


def test_a_worker_is_replaced_with_the_model_of_the_others_whatever_lies_on_the_disk(two: tuple[Server, Path]) -> None:
    server, model = two
    with server.client() as http:
        described = http.get("/v1/model").json()
        assert described["on_disk"] == "served"
    version = described["model"]["version"]
    (model / "calibrator.json").write_text("{")
    time.sleep(1)
    for worker in workers_of(server):
        ready = server.log.read_text().count("Ready after")
        os.kill(worker, signal.SIGKILL)
        until(lambda: server.log.read_text().count("Ready after") > ready)  # noqa: B023
    for _ in range(10):
        with server.client() as http:
            assert http.post("/v1/score", json={"lead": {}}).json()["model_version"] == version
            assert http.get("/v1/model").json()["on_disk"] == "damaged"
    server.wait_for("(The model on the disk cannot be loaded; this server goes on with version)")
    shutil.rmtree(model)
    with server.client() as http:
        assert http.post("/v1/score", json={"lead": {}}).status_code == 200
        assert http.get("/v1/model").json()["on_disk"] == "damaged"
