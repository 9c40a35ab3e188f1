"""Numbers, shares and intervals as a person reads them."""

import math

from models.evaluation.intervals import Estimate


def percent(share: float, digits: int | None = None) -> str:
    """A share as percent, with as many digits as it deserves."""
    if share != share:  # NaN
        return "n/a"
    if digits is None:
        digits = 0 if 0.1 <= share <= 0.9 or share in (0.0, 1.0) else 1
    return f"{100 * share:.{digits}f}%"


def number(value: float, digits: int = 3) -> str:
    """A number with thousands separated, or n/a."""
    return "n/a" if math.isnan(value) else f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def interval(estimate: Estimate, digits: int = 3) -> str:
    """The interval of an estimate: ``0.801 to 0.823``."""
    return f"{number(estimate.low, digits)} to {number(estimate.high, digits)}"


def percent_interval(estimate: Estimate, digits: int | None = None) -> str:
    """The interval of a share: ``31% to 35%``."""
    return f"{percent(estimate.low, digits)} to {percent(estimate.high, digits)}"


def points(share: float) -> str:
    """A change of probability in points, with its sign."""
    sign = "\N{MINUS SIGN}" if share < 0 else "+"
    return f"{sign}{abs(100 * share):.1f}"
