"""GET /docs (and / leads there): the reference of the addresses as a plain page that needs no internet."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

router = APIRouter()
CURL = """\
curl -s localhost:8000/v1/score -H 'Content-Type: application/json' -d '
  {"lead": {"source": "referral", "job_title": "Head of Operations", "email_kind": "business"},
   "activities": [{"type": "pricing_view", "occurred_at": "2026-01-10T09:30:00Z"}]}'"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@router.get("/docs", include_in_schema=False)
async def reference(request: Request) -> Response:
    """The OpenAPI document as a page."""
    return Response(_page(request.app), media_type="text/html", headers={"Content-Security-Policy": POLICY})


@router.get("/", include_in_schema=False)
async def start() -> Response:
    """To the reference, for whoever opens the server in a browser."""
    return RedirectResponse("docs")


@cache
def _page(app: Any) -> str:  # noqa: ANN401 - the application, which fixes its document
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["code"] = _code
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    template = environment.from_string(files("serving").joinpath("templates/reference.html").read_text("utf-8"))
    return template.render(document=app.openapi(), curl=CURL)


def _code(text: str) -> str:
    """What stands between backticks, as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here
