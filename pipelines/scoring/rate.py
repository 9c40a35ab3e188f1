"""How fast work goes, and how long the rest of it will take."""

import time
from collections.abc import Callable


class Rate:
    """Counts ``total`` things, of which ``before`` were done before it started."""

    def __init__(self, total: int, before: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._before = before
        self._clock = clock
        self._started = clock()

    def message(self, done: int, things: str) -> str:
        """Such as ``8,192 of 20,000 leads, 4,096/s, 3 s left``; ``done`` includes those before."""
        text = f"{done:,} of {self._total:,} {things}"
        per_second = (done - self._before) / max(self._clock() - self._started, 1e-9)
        if done <= self._before or done >= self._total:
            return text
        return f"{text}, {per_second:,.0f}/s, {duration((self._total - done) / per_second)} left"


def duration(seconds: float) -> str:
    """A duration as a person says it: ``42 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
