"""Which columns of a matrix say something that no earlier column says."""

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats

MIN_ROWS = 10  # that differ from the most frequent value


def distinct_columns(X: Floats) -> NDArray[np.bool_]:
    """Whether each column (features,) of X (n, features) varies and equals no column before it; NaN is a value."""
    minimum = min_rows(len(X))
    kept = np.zeros(X.shape[1], dtype=np.bool_)
    seen: set[bytes] = set()
    for column in range(X.shape[1]):
        values = np.where(np.isnan(X[:, column]), np.nan, X[:, column]) + 0.0  # one NaN, one zero
        key = values.tobytes()
        kept[column] = key not in seen and varies(values, minimum)
        seen.add(key)
    return kept


def min_rows(rows: int) -> int:
    """How many of so many rows must differ from the others for a column to say something."""
    return max(1, min(MIN_ROWS, rows // 50))


def varies(values: Floats, minimum: int) -> bool:
    """Whether at least so many values differ from the most frequent one."""
    if not values.size:
        return False
    _, counts = np.unique(values, return_counts=True)
    return bool(values.size - counts.max() >= minimum)
