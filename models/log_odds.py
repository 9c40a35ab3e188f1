"""Log-odds and probabilities, and the log loss between them: the bounds that keep all three finite."""

import numpy as np

from features.arrays import Floats

MIN_PROBABILITY = 1e-6  # no lead is impossible, none is certain: the log loss stays finite
MAX_MARGIN = 35.0


def expit(margin: Floats) -> Floats:
    """Probabilities (n,) of log-odds (n,), within [MIN_PROBABILITY, 1 - MIN_PROBABILITY]."""
    return within(1.0 / (1.0 + np.exp(-within(margin, -MAX_MARGIN, MAX_MARGIN))), MIN_PROBABILITY, 1 - MIN_PROBABILITY)


def within(values: Floats, low: float, high: float) -> Floats:
    """What ``np.clip`` gives, in a fraction of its time for the one value of a live request."""
    return np.minimum(np.maximum(values, low), high)


def log_losses(y: Floats, probability: Floats) -> Floats:
    """Log loss (n,) of each row."""
    p = np.clip(probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    losses: Floats = -np.where(y > 0, np.log(p), np.log1p(-p))
    return losses
