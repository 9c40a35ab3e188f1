"""Load the model while the server already answers /healthz, and say when it is ready."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path

from fastapi import Request

from serving.model.on_disk import OnDisk
from serving.model.served_model import ServedModel
from serving.problems import Kind, ProblemError

logger = logging.getLogger("whylead.serving")
Load = Callable[[Path], ServedModel]


class Loading:
    """The model of one server: None until it is loaded and warm."""

    def __init__(self, directory: Path, load: Load, stop: Callable[[], None]) -> None:
        self.directory = directory
        self.load = load
        self.stop = stop
        self.model: ServedModel | None = None
        self.on_disk = OnDisk(directory)
        self.failure: Exception | None = None

    async def run(self) -> None:
        """Load the model beside the event loop; a model that cannot be loaded ends the server."""
        started = time.perf_counter()
        try:
            self.model = await asyncio.to_thread(self.load, self.directory)
        except Exception as error:  # noqa: BLE001 - a server that never gets ready must not linger
            self.failure = error
            logger.critical("The model cannot be loaded: %s", error)
            self.stop()
            return
        name = self.model.name
        self.on_disk.version = name.version
        logger.info("Ready after %.1f s: %s, version %s", time.perf_counter() - started, name.name, name.version)


def stop_process() -> None:
    """Ask the server around this application to end, as an operator would."""
    signal.raise_signal(signal.SIGTERM)


async def ready_model(request: Request) -> ServedModel:
    """The model that answers; a dependency of every route that needs it.

    Raises ProblemError (503) until there is one.
    """
    loading: Loading = request.app.state.loading
    if loading.model is None:
        raise ProblemError(Kind.NOT_READY, "Ask again in a second.", headers={"Retry-After": "1"})
    return loading.model
