"""What a contender is allowed, and what it gives back."""

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
    """Probabilities (m,) of the test rows; ``facts`` are JSON values worth keeping, such as what was chosen."""

    p: Floats
    facts: dict[str, Any] = field(default_factory=dict)
