"""What one prediction gains over another on the same leads, and whether that is more than noise."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.samples.folds import Groups


@dataclass(frozen=True)
class Gain:
    """Mean gain in log loss per lead and its standard error over leads."""

    mean: float
    error: float

    @property
    def z(self) -> float:
        """Gain in standard errors; 0 where nothing differs."""
        return self.mean / self.error if self.error > 0 else 0.0


def measure_gain(difference: Floats, weight: Floats, group: Groups) -> Gain:
    """Weighted mean of differences (n,); its error counts a lead with several snapshots once."""
    mean = float(np.average(difference, weights=weight))
    _, lead = np.unique(group, return_inverse=True)
    deviation = np.bincount(lead, weight * (difference - mean))
    return Gain(mean, float(np.sqrt(deviation @ deviation) / weight.sum()))
