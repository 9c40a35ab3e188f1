"""Times of ours and the peer's, interleaved, as medians."""

import statistics
import time
from collections.abc import Callable


def ratio(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> float:
    """How many times faster ours is than the peer; both are warmed up once."""
    ours()
    peer()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, taken in zip((ours, peer), times, strict=True):
            started = time.perf_counter()
            work()
            taken.append(time.perf_counter() - started)
    return statistics.median(times[1]) / statistics.median(times[0])
