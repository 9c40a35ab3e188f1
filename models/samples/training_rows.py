"""What a model is learned from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature
from models.samples.folds import Groups, Rows


@dataclass(frozen=True)
class TrainingRows:
    """n snapshots of leads: X (n, features) with NaN for missing, y (n,) of 0 and 1, and of each row the following.

    ``weight`` (n,); ``lead`` (n,); ``time_rank`` (n,), its rank in time; ``split`` (n,), of which only ``train`` and
    ``calibrate`` are learned from. ``ordered`` says that these two follow each other in time. ``monotone`` is the sign
    of each feature whose rise may only raise (1) or lower (-1) the margin, 0 where it is free; empty: all are.
    ``kept_together`` (n,) names what may not be in two folds, leads and their copies; None: the leads.
    """

    X: Floats
    y: Floats
    weight: Floats
    lead: Groups
    time_rank: Rows
    split: NDArray[np.str_]
    features: tuple[Feature, ...]
    ordered: bool
    monotone: tuple[int, ...] = ()
    kept_together: Groups | None = None
