"""Self-contained HTML pages: the style sheet and the charts are inside, nothing is fetched."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.metrics import Estimate
from pipelines.reports.names import HIGHER_IS_BETTER, contender_name, metric_name, split_name
from pipelines.reports.verdict import percent

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


def number(value: float, digits: int = 3) -> str:
    """A number with thousands separated, or n/a."""
    return "n/a" if math.isnan(value) else f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def interval(estimate: Estimate, digits: int = 3) -> str:
    """The interval of an estimate: ``0.801 to 0.823``."""
    return f"{number(estimate.low, digits)} to {number(estimate.high, digits)}"


def percent_interval(estimate: Estimate, digits: int | None = None) -> str:
    """The interval of a share: ``31 % to 35 %``."""
    return f"{percent(estimate.low, digits)} to {percent(estimate.high, digits)}"


def points(share: float) -> str:
    """A change of probability in points, with its sign."""
    sign = "\N{MINUS SIGN}" if share < 0 else "+"
    return f"{sign}{abs(100 * share):.1f}"
