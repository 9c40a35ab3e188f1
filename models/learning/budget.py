"""How long a search may take: seconds of the processor's time, so that a busy machine does not give a worse model."""

import time
from dataclasses import dataclass, field

from data_contracts.threads import usable_threads

_TOO_LATE = 0.9  # of the budget: what is left would not do for a trial


@dataclass(frozen=True)
class Budget:
    """About ``seconds`` of an idle machine, or exactly ``trials`` where they are given, which is deterministic.

    What counts is the time that the process was given on its processors: beside other work it takes longer and learns
    the same.
    """

    seconds: float
    trials: int | None = None
    started: float = field(default_factory=time.process_time)

    @property
    def spent(self) -> float:
        """The share of the seconds that has been used; 0 where trials count."""
        if self.trials is not None or self.seconds <= 0:
            return 0.0
        return (time.process_time() - self.started) / (self.seconds * usable_threads())

    @property
    def tunes(self) -> bool:
        """Whether there is enough left to tune."""
        if self.trials is not None:
            return self.trials > 0
        return self.seconds > 0 and self.spent < _TOO_LATE
