"""What is no request is answered with a problem by the connection itself, and no client keeps one for ever."""

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serving.problems import MEDIA_TYPE, Kind, Problem
from tests.serving.conftest import Company
from tests.serving.test_server import Server

HEAD = 4096
BODY = b'{"lead": {}}'
POST = b"POST /v1/score HTTP/1.1\r\nHost: whylead\r\nContent-Type: application/json\r\n"
SCORE = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
GET = b"GET /healthz HTTP/1.1\r\nHost: whylead\r\n"
SECONDS = 1.0  # that the server of these tests waits for a client


@pytest.fixture(scope="module")
def server(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"REQUEST_SECONDS": "1", "IDLE_SECONDS": "1", "MAX_HEAD_BYTES": str(HEAD), "MAX_BODY_BYTES": "1000000"}
    log = tmp_path_factory.mktemp("connections") / "log"
    server = Server(log, "-m", "serving", MODEL=str(company.artifact), PORT="0", **settings)
    try:
        server.wait_for("(Ready) after")
        yield server
    finally:
        server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[socket.socket]:
    port = int(server.wait_for(r"running on http://127\.0\.0\.1:(\d+)"))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        yield client


def everything(client: socket.socket) -> bytes:
    """Until the server closes the connection."""
    received = b""
    while part := client.recv(65536):
        received += part
    return received


def problem_in(answer: bytes) -> Problem:
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = Problem.model_validate(json.loads(body))
    assert head.startswith(b"HTTP/1.1 %d " % problem.status)
    assert b"content-type: " + MEDIA_TYPE.encode() in head
    assert b"connection: close" in head
    assert b"x-request-id: " + problem.instance.encode() in head
    return problem


NO_REQUESTS = {
    "an unknown method": (b"BREW / HTTP/1.1\r\n\r\n", Kind.UNKNOWN_METHOD),
    "an address that is not ASCII": ("GET /caf\u00e9 HTTP/1.1\r\n\r\n".encode(), Kind.INVALID_REQUEST),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Kind.INVALID_REQUEST),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Kind.INVALID_REQUEST),
    "two lengths": (POST + b"Content-Length: 12\r\nContent-Length: 13\r\n\r\n" + BODY, Kind.INVALID_REQUEST),
    "a length and chunks": (
        POST + b"Content-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY, Kind.INVALID_REQUEST,
    ),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", Kind.INVALID_REQUEST),
    "a length of 26 digits": (POST + b"Content-Length: " + b"9" * 26 + b"\r\n\r\n", Kind.INVALID_REQUEST),
    "a chunk without a length": (POST + b"Transfer-Encoding: chunked\r\n\r\nmany\r\n", Kind.INVALID_REQUEST),
    "a chunk with a long extension": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 300_000, Kind.INVALID_REQUEST,
    ),
    "fields without end behind the body": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n" + b"a: b\r\n" * 60_000, Kind.INVALID_REQUEST,
    ),
    "a long header": (GET + b"X: " + b"a" * HEAD + b"\r\n\r\n", Kind.HEAD_TOO_LARGE),
    "a header without end": (GET + b"X: " + b"a" * 300_000, Kind.HEAD_TOO_LARGE),
    "many headers": (GET + b"a: b\r\n" * 101 + b"\r\n", Kind.HEAD_TOO_LARGE),
    "a long address": (b"GET /" + b"a" * HEAD + b" HTTP/1.1\r\n\r\n", Kind.ADDRESS_TOO_LONG),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "kind"), NO_REQUESTS.values(), ids=NO_REQUESTS)
def test_what_is_no_request_is_answered_with_a_problem(client: socket.socket, sent: bytes, kind: Kind) -> None:
    client.sendall(sent)
    assert problem_in(everything(client)).type == kind.type


def test_every_such_problem_is_in_the_document(server: Server) -> None:
    with server.client() as http:
        paths = http.get("/openapi.json").json()["paths"]
    kinds = {kind for _, kind in NO_REQUESTS.values()} | {Kind.REQUEST_TIMEOUT, Kind.OVERLOADED}
    for operations in paths.values():
        for operation in operations.values():
            assert {str(kind.value.status) for kind in kinds} <= set(operation["responses"])


@pytest.mark.parametrize(
    "begun", [GET + b"X: a", POST + b"Content-Length: 50\r\n\r\n{", POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{"]
)
def test_a_client_that_does_not_go_on_is_told_so(client: socket.socket, begun: bytes) -> None:
    started = time.monotonic()
    client.sendall(begun)
    assert problem_in(everything(client)).type == Kind.REQUEST_TIMEOUT.type
    assert SECONDS <= time.monotonic() - started < 10 * SECONDS


def test_a_client_that_sends_a_byte_now_and_then_is_no_better_off(client: socket.socket) -> None:
    client.sendall(GET)
    client.settimeout(0.2)
    received = b""
    for _ in range(100):
        try:
            client.sendall(b"X: a\r\n")
            received += client.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            break
        if received:
            break
    assert problem_in(received).type == Kind.REQUEST_TIMEOUT.type


@pytest.mark.parametrize("before", [b"", SCORE], ids=["at first", "after an answer"])
def test_an_idle_connection_is_closed_even_if_blank_lines_come(client: socket.socket, before: bytes) -> None:
    client.sendall(before)
    client.settimeout(0.2)
    closed = False
    for _ in range(100):
        try:
            client.sendall(b"\r\n")
            closed = closed or client.recv(65536) == b""
        except TimeoutError:
            continue
        except OSError:
            closed = True
        if closed:
            break
    assert closed


def test_requests_sent_without_waiting_are_answered_in_their_order(client: socket.socket) -> None:
    asked = [POST + b"Content-Length: %d\r\n\r\n" % len(each) + each for each in map(named, range(30))]
    client.sendall(b"".join(asked))
    answers = everything(client)
    assert [int(found) for found in re.findall(rb'"lead_id":"(\d+)"', answers)] == list(range(30))


def named(number: int) -> bytes:
    return b'{"lead": {"lead_id": "%d"}}' % number


def test_what_is_no_request_takes_no_answer_from_one_that_came_before(client: socket.socket) -> None:
    client.sendall(SCORE + b"BREW / HTTP/1.1\r\n\r\n")
    answer = everything(client)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_body_that_is_refused_by_its_length_is_answered_once(client: socket.socket) -> None:
    client.sendall(POST + b"Content-Length: 2000000\r\n\r\n" + b" " * 100_000)
    answer = everything(client)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_length_may_have_zeros_before_it(client: socket.socket) -> None:
    client.sendall(POST + b"Connection: close\r\nContent-Length: " + b"0" * 3000 + b"12\r\n\r\n" + BODY)
    assert everything(client).startswith(b"HTTP/1.1 200 ")


def test_an_offer_to_speak_another_protocol_is_passed_over(client: socket.socket) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
    client.sendall(GET + upgrade)
    assert everything(client).endswith(b'{"status":"ok"}')


def test_normal_requests_are_answered_beside_slow_ones(server: Server) -> None:
    port = int(server.wait_for(r"running on http://127\.0\.0\.1:(\d+)"))
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        for each in slow:
            each.sendall(POST + b"Content-Length: 50\r\n\r\n{")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            for _ in range(20):
                assert http.post("/v1/score", json={"lead": {}}).status_code == 200
    finally:
        for each in slow:
            each.close()


def test_where_connections_run_out_those_that_wait_longest_make_room(company: Company, tmp_path: Path) -> None:
    program = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
from serving.__main__ import main
sys.exit(main())
"""
    server = Server(tmp_path / "log", "-c", program, MODEL=str(company.artifact), PORT="0", REQUEST_SECONDS="60")
    server.wait_for("(Ready) after")
    port = int(server.wait_for(r"running on http://127\.0\.0\.1:(\d+)"))
    slow = []
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            for number in range(600):
                slow.append(socket.create_connection(("127.0.0.1", port), timeout=30))
                slow[-1].sendall(GET + b"X: ")
                if number % 20 == 0:
                    assert http.post("/v1/score", json={"lead": {}}).status_code == 200
        assert problem_in(everything(slow[0])).type == Kind.OVERLOADED.type
        assert "Traceback" not in server.log.read_text()
    finally:
        for each in slow:
            each.close()
        server.stop()


def test_the_log_has_a_line_for_each_and_nothing_of_what_was_sent(client: socket.socket, server: Server) -> None:
    client.sendall(b"BREW /ann@example.com HTTP/1.1\r\n\r\n")
    instance = problem_in(everything(client)).instance
    log = server.log.read_text()
    assert f"- (no request) 501 0.0 ms {instance}" in log
    assert "ann@example.com" not in log
    assert "Traceback" not in log
