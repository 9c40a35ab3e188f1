"""Work in threads: NumPy, LightGBM and the compiled kernels let go of the interpreter, so threads are enough."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

MAX_THREADS = 4  # unless more are asked for: each holds the rows that it works on in memory
Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_threads() -> int:
    """How many threads to work in: the processors that this process may use, at most MAX_THREADS."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MAX_THREADS, processors)


def each_of(function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None) -> list[Result]:
    """``[function(item) for item in items]`` in threads (None: usable_threads); the first exception is raised.

    >>> each_of(abs, [-1, 2, -3], threads=2)
    [1, 2, 3]
    """
    items = list(items)
    if len(items) == 1:
        return [function(items[0])]
    return list(in_order((partial(function, item) for item in items), threads))


def in_order(work: Iterable[Callable[[], Result]], threads: int | None = None) -> Iterator[Result]:
    """The results of the work in its order; while one is used, threads (None: usable_threads) make the next ones."""
    threads = threads or usable_threads()
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for each in work:
                waiting.append(pool.submit(each))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()
