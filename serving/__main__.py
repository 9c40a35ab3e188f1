"""``python -m serving``: settings from the environment, one or several processes behind one port."""

import gc
import logging.config
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.errors import WhyleadError
from serving.process.workers import DEALS_OUT, Workers, logger, reserve, share
from serving.settings import Settings, read_settings

if TYPE_CHECKING:
    from serving.model.served_model import ServedModel


def main() -> int:
    """Serve until asked to stop; exit code 0, or 2 if the settings or the model are wrong."""
    try:
        settings = read_settings()
        if settings.workers == 1:
            return serve(settings)
        return serve_together(settings) if DEALS_OUT else serve_behind_one_socket(settings)
    except WhyleadError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:  # raised again by uvicorn when everything has ended
        return 0


def serve(
    settings: Settings, sockets: list[socket.socket] | None = None, ready: Callable[[], None] | None = None
) -> int:
    """Run the server in this process; ``ready``, if given, is called when the model is loaded.

    Raises WhyleadError if the port is taken or the model cannot be loaded.
    """
    if sockets is None:
        share(settings.host, settings.port, shared=False).close()
    gc.disable()  # what is imported and loaded stays: looking through it again and again takes a fifth of the start
    import uvicorn

    from serving.app import create_app
    from serving.model.artifact_model import load_model

    def load(directory: Path) -> "ServedModel":
        model = load_model(directory)
        gc.freeze()  # and would stop requests for a tenth of a second every now and then
        gc.enable()
        if ready is not None:
            ready()
        return model

    app = create_app(settings, load, stop=lambda: setattr(server, "should_exit", True))
    server = uvicorn.Server(uvicorn.Config(app, **options(settings)))
    server.run(sockets)
    if app.state.loading.failure is not None:
        raise app.state.loading.failure
    return 0


def serve_together(settings: Settings) -> int:
    """Run several servers, each in a process of its own that imports and loads everything for itself.

    Raises WhyleadError if the port is taken, or, in a worker, if the model cannot be loaded.
    """
    logging.config.dictConfig(log_config(settings.log_level))
    with reserve(settings.host, settings.port) as reserved:
        host, port = reserved.getsockname()[:2]

        def work(ready: Callable[[], None]) -> int:
            return serve(settings, [share(host, port)], ready)

        logger.info("%d workers, running on http://%s:%d", settings.workers, settings.host, port)
        return Workers(settings.workers, work).run()


def serve_behind_one_socket(settings: Settings) -> int:
    """Run several servers where the system does not deal connections out.

    Raises WhyleadError if the model cannot be loaded.
    """
    import uvicorn

    from serving.model.artifact_model import load_model

    load_model(settings.model)  # the processes would die one by one of a model that cannot be loaded
    uvicorn.run("serving.app:create_app", factory=True, workers=settings.workers, **options(settings))
    return 0


def options(settings: Settings) -> dict[str, Any]:
    """How uvicorn runs here."""
    return {
        "host": settings.host,
        "port": settings.port,
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
