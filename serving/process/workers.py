"""Several processes behind one port: the system deals the connections out to them, and they share nothing else.

Each listens on a socket of its own (SO_REUSEPORT). On one socket for all, as uvicorn has it, whoever wakes first takes
what has come: with 16 connections and two processes one of them often gets none.

The sockets belong to the process that starts the workers: what has come to one of them waits there while its worker is
replaced. Whatever a worker needs is loaded before it is forked, so that a worker that is replaced needs nothing of what
lies on the disk by then, and takes no longer than a fork.
"""

import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from serving.process.sockets import turn_away

ASKED_TO_END = (signal.SIGTERM, signal.SIGINT)
PAUSE = 1.0  # seconds before a worker is replaced that died as soon as it began
TICK = 0.1  # seconds between looks at workers that end

logger = logging.getLogger("whylead.serving")
Work = Callable[[socket.socket, Callable[[], None]], int]


class Workers:
    """Processes that do the same work, one on each socket, each of which is replaced when it ends.

    ``work(socket, leave)`` calls ``leave()`` when it takes nothing more from its socket: another begins while it
    finishes. It returns its exit code when it is asked to end by SIGTERM.
    """

    def __init__(self, sockets: Sequence[socket.socket], work: Work) -> None:
        self.sockets = sockets
        self.work = work
        self.taking: dict[int, tuple[int, float]] = {}  # pipe, whose other end a worker has: its socket, when it began
        self.running: set[int] = set()
        self.stopping = False
        self._alive = os.pipe()  # nobody writes: its end tells the workers that this process is gone

    def run(self) -> int:
        """Work until asked to stop."""
        for each in ASKED_TO_END:
            signal.signal(each, self._stop)
        for place in range(len(self.sockets)):
            self._start(place)
        while self.running:
            left, _, _ = select.select(list(self.taking), [], [], TICK)
            for pipe in left:
                self._replace(pipe)
            self._look_for_dead()
        return 0

    def _replace(self, pipe: int) -> None:
        """Start another worker on the socket of one that takes nothing more."""
        place, began = self.taking.pop(pipe)
        os.close(pipe)
        if self.stopping:
            return
        if time.monotonic() - began < PAUSE:
            time.sleep(PAUSE)
        self._start(place)

    def _look_for_dead(self) -> None:
        for worker in list(self.running):
            ended, status = os.waitpid(worker, os.WNOHANG)
            if ended:
                self.running.discard(worker)
                code = os.waitstatus_to_exitcode(status)
                if code not in (0, -signal.SIGTERM):
                    logger.error("Worker %d died (exit code %d); another takes its place.", worker, code)
                elif not self.stopping:
                    logger.info("Worker %d was asked to end; another takes its place.", worker)

    def _start(self, place: int) -> None:
        """Fork."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKED_TO_END)  # until the worker answers them in its own way
        taking, held = os.pipe()
        worker = os.fork()
        if not worker:
            os.close(taking)
            self._become_worker(place)
            sys.exit(self.work(self.sockets[place], lambda: os.close(held)))
        os.close(held)
        self.taking[taking] = (place, time.monotonic())
        self.running.add(worker)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED_TO_END)
        if self.stopping:  # asked just before there was this worker to ask
            self._stop()

    def _become_worker(self, place: int) -> None:
        for asked in ASKED_TO_END:
            signal.signal(asked, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED_TO_END)
        for pipe in (self._alive[1], *self.taking):
            os.close(pipe)
        for other, each in enumerate(self.sockets):
            if other != place:
                each.close()
        threading.Thread(target=self._end_with_parent, args=(self.sockets[place].fileno(),), daemon=True).start()

    def _stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping = True
        for each in self.sockets:
            turn_away(each.fileno())
        for worker in self.running:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(worker, signal.SIGTERM)

    def _end_with_parent(self, listening: int) -> None:
        os.read(self._alive[0], 1)
        turn_away(listening)
        os.kill(os.getpid(), signal.SIGTERM)
