"""Self-contained HTML pages: the style sheet and the charts are inside, nothing is fetched."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines.pages.names import HIGHER_IS_BETTER, contender_name, metric_name, split_name
from pipelines.pages.numbers import interval, number, percent, percent_interval, points

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """A page from a template of this folder."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "percent": percent,
        "number": number,
        "interval": interval,
        "percent_interval": percent_interval,
        "svg": Markup,
        "metric": metric_name,
        "contender": contender_name,
        "split": split_name,
        "points": points,
    }
    environment.tests["none_number"] = math.isnan
    environment.globals["higher_is_better"] = HIGHER_IS_BETTER
    return environment
