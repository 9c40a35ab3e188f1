"""The drill of the server counts what is lost and what is refused."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.drill import Clients, Place, server_ends
from benchmarks.hostile import Hostile
from tests.serving.company import learn_artifact, make_tables, write_tables

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture
def unreliable() -> Iterator[int]:
    """The port of a server that answers every second connection and closes the others."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            number = 0
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    if number % 2 and connection.recv(65536):
                        connection.sendall(ANSWER)
                number += 1

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_what_is_not_answered_is_counted_as_lost(unreliable: int) -> None:
    with Clients(unreliable, [b"{}"]).asking() as clients:
        time.sleep(0.5)
    assert clients.answered > 0
    assert clients.lost > 0
    assert clients.refused == 0


def test_a_server_that_ends_under_load_loses_nothing(tmp_path: Path) -> None:
    tables = make_tables(leads=120, seed=1)
    learn_artifact(write_tables(tmp_path / "tables", tables), tables, tmp_path / "model", seed=1)
    result = server_ends(Place(tmp_path, tmp_path / "model"), 1, 1, [b'{"lead": {}}'])
    assert result.ratio == 1
    assert result.note.startswith("0 lost of ")


def test_hostile_bodies_are_of_every_kind_and_the_same_again() -> None:
    good = json.dumps({"lead": {"source": "web"}}).encode()
    one, other = Hostile(0, good), Hostile(0, good)
    bodies = [one._short() for _ in range(200)]
    assert bodies == [other._short() for _ in range(200)]
    assert len({body[:6] for body in bodies}) > 5
