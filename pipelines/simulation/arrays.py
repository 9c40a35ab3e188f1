"""The arrays that a simulation is made of; times and ages are whole seconds, times since 1970 UTC."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from features.arrays import Flags, Floats, Integers

__all__ = ["DAY", "NEVER", "Flags", "Floats", "Integers", "Rows"]

DAY = 86_400
NEVER = 1 << 40  # an age in seconds that nothing reaches


@dataclass(frozen=True)
class Rows:
    """Base of what is held as columns of one length."""

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """The rows of all parts, one part after the other."""
        columns = zip(*(part._columns() for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def take(self, rows: Integers | Flags) -> Self:
        """The rows at these indices, or where the mask holds."""
        return type(self)(*(column[rows] for column in self._columns()))

    def _columns(self) -> list[Floats]:
        return [getattr(self, each.name) for each in fields(self)]
