"""Leads with what the model makes of them."""

from dataclasses import dataclass

import pandas as pd

from features.arrays import Floats
from features.feature import Feature
from models.explanation.points import Explanation
from pipelines.explanation.importance import Importance


@dataclass(frozen=True)
class Explained:
    """The explanation of some leads: their rows of snapshots.parquet, features X (n, features), and the parts."""

    snapshots: pd.DataFrame
    X: Floats
    features: tuple[Feature, ...]
    explanation: Explanation
    importance: Importance
