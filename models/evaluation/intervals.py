"""Numbers with their 95% intervals."""

from typing import NamedTuple

import numpy as np

WILSON_Z = 1.959964  # 95%


class Estimate(NamedTuple):
    """A number and its 95% interval; NaN where it is not defined (one outcome only)."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        """``{"value", "low", "high"}``; None where the number does not exist."""
        return {name: float(value) if np.isfinite(value) else None for name, value in self._asdict().items()}


UNDEFINED = Estimate(float("nan"), float("nan"), float("nan"))


def wilson(share: float, count: float) -> Estimate:
    """A share of ``count`` leads with its 95% interval (Wilson, JASA 22, 1927).

    >>> share = wilson(0.3, 100)
    >>> print(f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})")
    30% (22% to 40%)
    """
    if count <= 0:
        return Estimate(share, float("nan"), float("nan"))
    square = WILSON_Z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = WILSON_Z / (1 + square) * float(np.sqrt(share * (1 - share) / count + square / (4 * count)))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))
