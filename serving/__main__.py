"""``python -m serving``: settings from the environment, one or several processes behind one port."""

import sys
from typing import Any

import uvicorn

from data_contracts.errors import WhyleadError
from serving.app import create_app
from serving.scoring import load_model
from serving.settings import Settings, read_settings


def main() -> int:
    """Serve until asked to stop; exit code 0, or 2 if the settings or the model are wrong."""
    try:
        return serve(read_settings())
    except WhyleadError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code


def serve(settings: Settings) -> int:
    """Run the server.

    Raises WhyleadError if the model cannot be loaded.
    """
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "access_log": False,  # serving/traffic.py writes one without personal data
        "server_header": False,
        "log_config": log_config(settings.log_level),
    }
    if settings.workers > 1:
        load_model(settings.model)  # the processes would die one by one of a model that cannot be loaded
        uvicorn.run("serving.app:create_app", factory=True, workers=settings.workers, **options)
        return 0
    app = create_app(settings, stop=lambda: setattr(server, "should_exit", True))
    server = uvicorn.Server(uvicorn.Config(app, **options))
    server.run()
    if app.state.loading.failure is not None:
        raise app.state.loading.failure
    return 0


def log_config(level: str) -> dict[str, Any]:
    """Every line of the server on stderr, with its time."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
    }


if __name__ == "__main__":
    sys.exit(main())
