"""What a machine did: kept in one byte per event, with how long it took to be clear.

0 is what a person did. The code k is what a machine did, which is clear k - 1 seconds after the event: it counts for
moments after that alone, so that a verdict rests on nothing that lies at or after a moment.
"""

import numba
import numpy as np

from features.signatures import compiled

LONGEST = 254  # seconds that a verdict takes at most
_SECOND = 1_000_000


def code_of(automated: bool, after: int = 0) -> int:
    """The byte of a verdict that is clear after so many microseconds.

    >>> code_of(False), code_of(True), code_of(True, 1_500_000)
    (0, 1, 3)
    """
    return 1 - (-after // _SECOND) if automated else 0


@compiled(numba.boolean(numba.uint8, numba.int64, numba.int64))
def is_clear(code: int, at: int, moment: int) -> bool:
    """Whether it is clear before a moment that a machine caused the event at ``at`` (microseconds)."""
    return bool(code != 0 and at + (np.int64(code) - 1) * _SECOND < moment)
