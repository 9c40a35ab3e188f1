"""Times of ours and the peer's, interleaved, as medians."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Made = TypeVar("Made")


def medians(works: Sequence[Callable[[], Made]], rounds: int) -> tuple[list[float], list[Made]]:
    """The median seconds of each work, done in turn so many rounds, and what each made in the last round."""
    times: list[list[float]] = [[] for _ in works]
    made: list[Made] = []
    for _ in range(rounds):
        made = []
        for work, taken in zip(works, times, strict=True):
            started = time.perf_counter()
            made.append(work())
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in times], made


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
