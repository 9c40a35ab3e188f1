"""``python -m serving``: settings from the environment, one or several processes behind one port."""

import gc
import logging.config
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.errors import WhyleadError
from serving.process.files import most_connections
from serving.process.memory import keep_large_apart
from serving.process.sockets import DEALS_OUT, reserve, see_that_it_is_free
from serving.process.workers import Workers, logger
from serving.settings import Settings, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Config

    from serving.model.served_model import ServedModel

BODIES_AT_ONCE = 16  # of the largest size, in memory


def main() -> int:
    """Serve until asked to stop; exit code 0, or 2 if the settings or the model are wrong."""
    try:
        settings = read_settings()
        keep_large_apart()
        if settings.workers == 1:
            return serve(settings)
        return serve_together(settings) if DEALS_OUT else serve_behind_one_socket(settings)
    except WhyleadError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:  # raised again by uvicorn when everything has ended
        return 0


def serve(settings: Settings) -> int:
    """Run the server in this process, which answers /healthz while the model is loaded.

    Raises WhyleadError if the port is taken or the model cannot be loaded.
    """
    see_that_it_is_free(settings.host, settings.port)
    gc.disable()  # what is imported and loaded stays: looking through it again and again takes a fifth of the start
    from serving.app import create_app
    from serving.connections.server import DrainingServer
    from serving.model.artifact_model import load_model

    def load(directory: Path) -> "ServedModel":
        model = load_model(directory)
        gc.freeze()  # and would stop requests for a tenth of a second every now and then
        gc.enable()
        return model

    app = create_app(settings, load, stop=lambda: setattr(server, "should_exit", True))
    server = DrainingServer(config(app, settings), settings.drain_seconds)
    server.run()
    if app.state.loading.failure is not None:
        raise app.state.loading.failure
    return 0


def serve_together(settings: Settings) -> int:
    """Run several servers, each in a process forked from this one, which has loaded everything.

    Raises WhyleadError if the port is taken or the model cannot be loaded.
    """
    logging.config.dictConfig(log_config(settings.log_level))
    sockets = reserve(settings.host, settings.port, settings.workers)
    gc.disable()
    from serving.app import create_app
    from serving.connections.server import DrainingServer
    from serving.model.artifact_model import load_model
    from serving.model.on_disk import OnDisk

    on_disk = OnDisk(settings.model)
    model = load_model(settings.model)  # a worker that is replaced goes on with it, whatever lies there by then
    on_disk.version = model.name.version
    gc.freeze()

    def work(own: socket.socket, leave: Callable[[], None]) -> int:
        gc.enable()
        app = create_app(settings, lambda _: model)
        app.state.loading.on_disk = on_disk
        threading.Thread(target=on_disk.state, daemon=True).start()  # the log tells of another model there
        DrainingServer(config(app, settings), settings.drain_seconds, leave).run([own])
        return 0

    port = sockets[0].getsockname()[1]
    logger.info("%d workers, running on http://%s:%d", settings.workers, settings.host, port)
    return Workers(sockets, work).run()


def serve_behind_one_socket(settings: Settings) -> int:
    """Run several servers where the system does not deal connections out.

    Raises WhyleadError if the model cannot be loaded.
    """
    import uvicorn

    from serving.model.artifact_model import load_model

    load_model(settings.model)  # the processes would die one by one of a model that cannot be loaded
    uvicorn.run("serving.app:create_app", factory=True, workers=settings.workers, **options(settings))
    return 0


def config(app: "FastAPI", settings: Settings) -> "Config":
    """How uvicorn runs an application here."""
    from uvicorn import Config

    from serving.connections.connection import Bounds, Connection

    bounds = Bounds(
        head=settings.max_head_bytes,
        bodies=BODIES_AT_ONCE * settings.max_body_bytes,
        request=settings.request_seconds,
        idle=settings.idle_seconds,
        connections=most_connections(),
    )
    return Config(app, http=partial(Connection, bounds=bounds), timeout_graceful_shutdown=1, **options(settings))  # type: ignore[arg-type] # it is called, no more


def options(settings: Settings) -> dict[str, Any]:
    """How uvicorn runs here, whatever is above it."""
    return {
        "host": settings.host,
        "port": settings.port,
        "ws": "none",  # nothing here is a WebSocket
        "access_log": False,  # serving/middleware.py writes one without personal data
        "server_header": False,
        "proxy_headers": False,  # nothing here depends on who asks
        "log_config": log_config(settings.log_level),
    }


def log_config(level: str) -> dict[str, Any]:
    """Every line of the server on stderr, with its time."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "serving.process.log_lines.LineFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
    }


if __name__ == "__main__":
    sys.exit(main())
