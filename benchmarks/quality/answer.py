"""What a contender is allowed, what it gives back, and what it took."""

from dataclasses import dataclass, field
from typing import Any

from features.arrays import Floats


@dataclass(frozen=True)
class Effort:
    """Seconds for those that tune within a budget, threads, and the seed."""

    budget: float
    threads: int
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """Probabilities (m,) of the test rows; ``facts`` are JSON values worth keeping, such as what was chosen.

    ``low`` and ``high`` (m,) are the ends of the intervals of those that give any.
    """

    p: Floats
    facts: dict[str, Any] = field(default_factory=dict)
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True)
class Spent:
    """Seconds that passed, and seconds that processors worked."""

    seconds: float
    worked: float
