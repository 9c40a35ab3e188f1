"""The application: one model behind a few addresses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

import anyio
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from serving.exception_handlers import add_handlers
from serving.fast_path import FastPath
from serving.middleware import RequestMiddleware
from serving.model.artifact_model import load_model
from serving.model.loading import Load, Loading, stop_process
from serving.openapi import document
from serving.routes import health, model, reference, score
from serving.settings import Settings, read_settings


class Application(FastAPI):
    """The framework's application, with a fast path to what is asked most."""

    fast_path: FastPath

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.fast_path(scope, receive, send)


def create_app(
    settings: Settings | None = None, load: Load = load_model, stop: Callable[[], None] = stop_process
) -> FastAPI:
    """Put the application together; ``stop`` is called if the model cannot be loaded."""
    settings = settings or read_settings()
    app = Application(
        version=version("whylead"),
        lifespan=_lifespan,
        # The framework's own pages fetch their scripts from the internet; /docs is ours and needs nothing.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.loading = Loading(settings.model, load, stop)
    # A worker among several listens when it is ready: until then the others get what comes.
    app.state.listen_when_ready = settings.workers > 1
    for routes in (score, model, health, reference):
        app.include_router(routes.router)
    app.openapi = partial(document, app)  # type: ignore[method-assign]
    app.add_middleware(RequestMiddleware, max_body_bytes=settings.max_body_bytes)
    add_handlers(app)
    app.fast_path = FastPath(super(Application, app).__call__, app.state.loading, settings.max_body_bytes)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.long_limiter = anyio.CapacityLimiter(1)
    loading = asyncio.create_task(app.state.loading.run())
    if app.state.listen_when_ready:
        await loading
    yield
    await loading
