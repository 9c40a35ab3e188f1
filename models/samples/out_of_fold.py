"""Rows that were predicted by a model which had not seen them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from models.samples.folds import Groups, Rows


@dataclass(frozen=True)
class OutOfFold:
    """n held-out rows; ``base`` is the log-odds of the base rate that the fold knew, ``position`` the rank in time."""

    y: Floats
    weight: Floats
    group: Groups
    position: Rows
    fold: NDArray[np.int64]
    base: Floats
