"""The NumPy arrays that every package passes around, and time as they hold it: int64 microseconds since 1970 UTC."""

import struct
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
# NaN with a bit of its own: missing because nobody may record it, and not because it never happened.
UNTRACKED = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0001))[0]
LARGEST = 1e100  # numbers beyond it count as it: their squares can still be summed
DAY = 86_400_000_000  # microseconds


def integers(values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Indices or times as the kernels take them: int64, contiguous, writable; a copy only where they are not."""
    return np.require(values, np.int64, ["C", "W"])


def is_untracked(value: float) -> bool:
    """Whether a value is UNTRACKED; other missing values are not.

    >>> is_untracked(UNTRACKED), is_untracked(float("nan")), is_untracked(0.0)
    (True, False, False)
    """
    return value != value and struct.pack("<d", value) == _UNTRACKED_BYTES


_UNTRACKED_BYTES = struct.pack("<d", UNTRACKED)
