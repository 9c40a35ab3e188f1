"""The arrays that a simulation is made of; times and ages are whole seconds, times since 1970 UTC."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

DAY = 86_400
NEVER = 1 << 40  # an age in seconds that nothing reaches
