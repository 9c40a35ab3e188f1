"""The compiled step that adds up the components of a margin."""

from numba import types

from features.arrays import Floats
from features.signatures import FLOATS, MATRIX, compiled


@compiled(types.void(types.float64, FLOATS, MATRIX, FLOATS, MATRIX))
def add_scaled(weight: float, part: Floats, values: Floats, margin: Floats, total: Floats) -> None:
    """Add ``weight`` times a component's margin (n,) and values (n, columns) to those of the whole."""
    for i in range(values.shape[0]):
        margin[i] += weight * part[i]
        for j in range(values.shape[1]):
            total[i, j] += weight * values[i, j]
