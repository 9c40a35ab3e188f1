"""Self-contained HTML pages: the style sheet and the charts are inside, nothing is fetched."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from features.feature import Language
from pipelines.pages.metric_columns import METRIC_COLUMNS
from pipelines.pages.origin import Origin
from pipelines.pages.texts import ENGLISH, Texts, texts_in

TEMPLATES = Path(__file__).parent / "templates"
_FILTERS = ("told", "translated", "interval", "number", "percent", "percent_interval", "points", "date")


def render(template: str, say: Texts = ENGLISH, *, origin: Origin | None = None, **values: Any) -> str:  # noqa: ANN401
    """A page from a template of this folder, in a language, with its origin at the head."""
    return _environment(say.language).get_template(template).render(origin=origin or Origin(), **values)


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    say = texts_in(language)
    environment.filters |= {name: getattr(say, name) for name in _FILTERS}
    environment.filters["svg"] = Markup
    environment.tests["none_number"] = math.isnan
    environment.globals |= {"say": say, "language": language, "metric_columns": METRIC_COLUMNS}
    return environment
