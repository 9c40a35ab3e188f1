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
from serving.process.sockets import DEALS_OUT, reserve, turn_away
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(not DEALS_OUT, reason="the system does not deal connections out to several sockets")

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from serving.process.sockets import reserve
from serving.process.workers import Workers
def work(own, leave):
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    {}
    signal.pause()
sys.exit(Workers(reserve("127.0.0.1", 0, 3), work).run())
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


def test_a_worker_that_takes_nothing_more_is_replaced_while_it_finishes(tmp_path: Path) -> None:
    finish = "signal.signal(signal.SIGTERM, lambda *_: leave()); signal.pause(); time.sleep(1); sys.exit()"
    with supervisor(tmp_path, finish):
        until(lambda: len(workers(tmp_path)) == 3)
        time.sleep(1.1)  # one that has just begun is not replaced at once
        os.kill(workers(tmp_path)[0], signal.SIGTERM)
        until(lambda: len(workers(tmp_path)) == 4)
        assert sum(map(alive, workers(tmp_path))) == 4


def test_a_worker_that_dies_as_it_begins_is_replaced_once_a_second(tmp_path: Path) -> None:
    with supervisor(tmp_path, "sys.exit(7)"):
        until(lambda: len(workers(tmp_path)) >= 4)
        began = time.monotonic()
        until(lambda: len(workers(tmp_path)) >= 8)
        assert time.monotonic() - began > 0.9


def test_a_reserved_port_is_shared_by_sockets_of_its_own() -> None:
    sockets = reserve("127.0.0.1", 0, 3)
    assert len({each.getsockname() for each in sockets}) == 1
    for each in sockets:
        each.listen()
    for _ in range(20):
        socket.create_connection(sockets[0].getsockname()).close()
    for each in sockets:
        each.close()


def test_who_has_come_is_served_and_who_comes_is_turned_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with socket.create_connection(address) as came:
            turn_away(listening.fileno())
            came.sendall(b"asked")
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.2)
            served, _ = listening.accept()
            with served:
                assert served.recv(10) == b"asked"


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ParamsError, match=f"cannot listen on 127.0.0.1, port {port}: Address already in use"):
            reserve("127.0.0.1", port, 2)
