"""uvicorn's server, which looks at its connections once a second and loses no request that it accepted when it ends."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType

from uvicorn import Config, Server

from serving.connections.connection import Connection, Phase, State
from serving.process.sockets import turn_away

SETTLE = 0.2  # seconds in which connections that the system took come in
PATIENCE = 1.0  # seconds that a connection without a request is kept open while the server ends
TICK = 0.05
TICKS_PER_SECOND = 10  # of uvicorn's main loop

logger = logging.getLogger("whylead.serving")


class DrainingServer(Server):
    """Answers what has come before it ends, and says to each client that this was the last answer.

    ``leave``, if given, is called when it takes no more connections: another server takes them from its sockets.
    """

    def __init__(self, config: Config, drain_seconds: float, leave: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self.server_state: State = State()
        self.drain_seconds = drain_seconds
        self.leave = leave

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second Ctrl-C ends at once.

        But not one of several: Ctrl-C comes to each of them, and again as SIGTERM from the process that started them.
        """
        super().handle_exit(sig if self.leave is None else signal.SIGTERM, frame)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % TICKS_PER_SECOND == 0:
            self._sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take what has come, answer it, close the connections, and end."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.drain_seconds
        self.server_state.draining = True
        for connection in self._connections():
            connection.drain()
        if self.leave is None:
            for each in (each for server in self.servers for each in server.sockets):
                turn_away(each.fileno())
        await asyncio.sleep(SETTLE)
        for server in self.servers:
            server.close()
        for each in sockets or ():
            each.close()
        if self.leave is not None:
            self.leave()
        while self.server_state.connections and loop.time() < end and not self.force_exit:
            self._sweep()
            self._close_idle(loop.time() - PATIENCE)
            await asyncio.sleep(TICK)
        if self.server_state.connections:
            logger.error("%d connections are broken off after %g s.", len(self._connections()), self.drain_seconds)
        await super().shutdown(sockets)

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in self._connections():
            connection.sweep(now)

    def _close_idle(self, before: float) -> None:
        for connection in self._connections():
            if connection.phase is Phase.IDLE and connection.since < before:
                connection.close_unless_asked()

    def _connections(self) -> list[Connection]:
        return [each for each in self.server_state.connections if isinstance(each, Connection)]
