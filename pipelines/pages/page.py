"""Self-contained HTML pages: the style sheet and the charts are inside, nothing is fetched."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines.pages.names import CONTENDERS, METRIC_COLUMNS, SPLITS
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
    environment.filters |= {each.__name__: each for each in (interval, number, percent, percent_interval, points)}
    environment.filters["svg"] = Markup
    environment.tests["none_number"] = math.isnan
    environment.globals |= {"metric_columns": METRIC_COLUMNS, "contender_names": CONTENDERS, "split_names": SPLITS}
    return environment
