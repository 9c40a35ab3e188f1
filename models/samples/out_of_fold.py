"""Rows that were predicted by a model which had not seen them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from models.samples.folds import Groups


@dataclass(frozen=True)
class OutOfFold:
    """n held-out rows; ``base`` is the log-odds of the base rate that the fold knew."""

    y: Floats
    weight: Floats
    lead: Groups
    fold: NDArray[np.int64]
    base: Floats
