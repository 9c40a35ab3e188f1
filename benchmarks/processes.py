"""Servers that a benchmark starts, waits for, and ends."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 120.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running(command: list[str], port: int, ready: str, log: Path, **environment: str) -> Iterator[float]:
    """A server on the port, from when ``ready`` answers 200; gives the seconds that took. The log has its output."""
    with log.open("w") as written:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=written, stderr=written, env=_environment(environment), start_new_session=True
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{ready}", log)
            yield time.perf_counter() - started
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """This process's own, without settings of a server that might be in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHYLEAD_")}
    return {**kept, **given}


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.perf_counter() + PATIENCE
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise ChildProcessError(f"The server ended with exit code {process.returncode}: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.005)
    raise TimeoutError(f"{address} did not answer: {log.read_text()[-2000:]}")
