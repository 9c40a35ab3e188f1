"""Several processes behind one port: the system deals the connections out to them, and they share nothing else.

Each listens on a socket of its own (SO_REUSEPORT). On one socket for all, as uvicorn has it, whoever wakes first takes
what has come: with 16 connections and two processes one of them often gets none.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

from data_contracts.errors import ParamsError, WhyleadError

# Other systems have the option and give every connection to one of the sockets.
DEALS_OUT = sys.platform == "linux"
ASKED_TO_END = (signal.SIGTERM, signal.SIGINT)
PAUSE = 1.0  # seconds before a worker that died is replaced

logger = logging.getLogger("whylead.serving")
Work = Callable[[Callable[[], None]], int]


class Workers:
    """Processes that do the same work, one of which is replaced when it dies; forked while this one has no threads.

    ``work(ready)`` calls ``ready()`` once it is, and returns its exit code when it is asked to end by SIGTERM.
    """

    def __init__(self, count: int, work: Work) -> None:
        self.count = count
        self.work = work
        self.running: set[int] = set()
        self.stopping = False
        self._alive = os.pipe()  # nobody writes: its end tells the workers that this process is gone

    def run(self) -> int:
        """Work until asked to stop; 0, or the exit code of a worker that says its work cannot be done.

        The first starts alone: what it cannot load no other could, and what it compiles the others find.
        """
        for each in ASKED_TO_END:
            signal.signal(each, self._stop)
        if self._start_and_wait():
            self._fill_up()
        return self._supervise()

    def _supervise(self) -> int:
        code = 0
        while self.running:
            worker, status = os.wait()
            self.running.discard(worker)
            ended = os.waitstatus_to_exitcode(status)
            if ended == WhyleadError.exit_code:
                code = ended
                self._stop()
            elif not self.stopping:
                logger.error("Worker %d died (exit code %d); another takes its place.", worker, ended)
                time.sleep(PAUSE)
                self._fill_up()
        return code

    def _fill_up(self) -> None:
        while len(self.running) < self.count and not self.stopping:
            self._start()

    def _start_and_wait(self) -> bool:
        """Start the first worker; False where it ended before it was ready."""
        reader, writer = os.pipe()
        self._start(writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as ready:
            return ready.read(1) == b"."

    def _start(self, ready: int | None = None) -> None:
        """Fork; the worker writes a byte to ``ready`` when it is."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKED_TO_END)  # until the worker answers them in its own way
        worker = os.fork()
        if not worker:
            for each in ASKED_TO_END:
                signal.signal(each, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED_TO_END)
            os.close(self._alive[1])
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            sys.exit(self.work(partial(_tell, ready)))
        self.running.add(worker)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED_TO_END)
        if self.stopping:  # asked just before there was this worker to ask
            self._stop()

    def _stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping = True
        for worker in self.running:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(worker, signal.SIGTERM)

    def _end_with_parent(self) -> None:
        os.read(self._alive[0], 1)
        os.kill(os.getpid(), signal.SIGTERM)


def _tell(ready: int | None) -> None:
    if ready is not None:
        os.write(ready, b".")


def reserve(host: str, port: int) -> socket.socket:
    """A socket that keeps the port, and a free one for port 0, without listening on it.

    Raises ParamsError if another process has it.
    """
    with share(host, port, shared=False) as alone:
        port = alone.getsockname()[1]
    return share(host, port)


def share(host: str, port: int, *, shared: bool = True) -> socket.socket:
    """One worker's socket of a reserved port; not ``shared``: of one that no other process has."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ParamsError(
            f"The server cannot listen on {host}, port {port}: {error.strerror}.",
            hint="--port 0 takes a free port. Or choose another --host or --port (WHYLEAD_HOST, WHYLEAD_PORT).",
        ) from error
    return bound
