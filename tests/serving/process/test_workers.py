"""Processes behind one port: they end together, a dead one is replaced, and what the first cannot load ends all."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data_contracts.errors import ParamsError
from serving.process.workers import DEALS_OUT, reserve, share
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(not DEALS_OUT, reason="the system does not deal connections out to several sockets")

PROGRAM = """
import os, signal, sys
from pathlib import Path
from serving.process.workers import Workers
def work(ready):
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    {}
    ready()
    signal.pause()
sys.exit(Workers(3, work).run())
"""
PATIENCE = 60.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(worker: int) -> bool:
    try:
        state = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def workers(directory: Path) -> list[int]:
    """All that ever started."""
    return [int(path.name) for path in directory.iterdir()]


@contextmanager
def supervisor(directory: Path, what: str = "pass") -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(what), str(directory)], cwd=REPOSITORY)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)
        until(lambda: not any(map(alive, workers(directory))))


def test_all_end_when_asked(tmp_path: Path) -> None:
    with supervisor(tmp_path) as process:
        until(lambda: len(workers(tmp_path)) == 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not any(map(alive, workers(tmp_path)))


def test_none_outlives_the_process_that_started_them(tmp_path: Path) -> None:
    with supervisor(tmp_path) as process:
        until(lambda: len(workers(tmp_path)) == 3)
        process.kill()
        until(lambda: not any(map(alive, workers(tmp_path))))


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with supervisor(tmp_path):
        until(lambda: len(workers(tmp_path)) == 3)
        os.kill(workers(tmp_path)[0], signal.SIGKILL)
        until(lambda: len(workers(tmp_path)) == 4)
        assert sum(map(alive, workers(tmp_path))) == 3


def test_what_the_first_cannot_do_no_other_tries(tmp_path: Path) -> None:
    with supervisor(tmp_path, "sys.exit(2)") as process:
        assert process.wait(PATIENCE) == 2
        assert len(workers(tmp_path)) == 1


def test_a_reserved_port_is_shared_by_sockets_of_its_own(tmp_path: Path) -> None:
    with reserve("127.0.0.1", 0) as reserved:
        host, port = reserved.getsockname()
        with share(host, port) as one, share(host, port) as other:
            one.listen()
            other.listen()
            for _ in range(20):
                socket.create_connection((host, port)).close()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ParamsError, match=f"cannot listen on 127.0.0.1, port {port}: Address already in use"):
            reserve("127.0.0.1", port)
