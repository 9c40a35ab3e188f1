"""The NumPy arrays that every package passes around, and time as they hold it: int64 microseconds since 1970 UTC."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int32]
Times: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Bytes: TypeAlias = NDArray[np.uint8]

NO_TIME = np.iinfo(np.int64).min
DAY = 86_400_000_000  # microseconds


def integers(values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Indices or times as the kernels take them: int64, contiguous, writable; a copy only where they are not."""
    return np.require(values, np.int64, ["C", "W"])
