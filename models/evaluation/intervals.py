"""Intervals of shares, and estimates as JSON."""

import numpy as np

from models.evaluation.metrics import Estimate

WILSON_Z = 1.959964  # 95 %


def wilson(share: float, count: float) -> Estimate:
    """A share of ``count`` leads with its 95 % interval (Wilson, JASA 22, 1927)."""
    if count <= 0:
        return Estimate(share, float("nan"), float("nan"))
    square = WILSON_Z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = WILSON_Z / (1 + square) * float(np.sqrt(share * (1 - share) / count + square / (4 * count)))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def estimate_json(estimate: Estimate) -> dict[str, float | None]:
    """``{"value", "low", "high"}``; None where the number does not exist."""
    values = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: float(value) if np.isfinite(value) else None for name, value in values.items()}
