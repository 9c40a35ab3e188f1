"""Work in threads: NumPy, LightGBM and the compiled kernels let go of the interpreter, so threads are enough."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import current_thread
from typing import TypeVar

from data_contracts.errors import ParamsError

THREADS_VARIABLE = "WHYLEAD_THREADS"
MAX_THREADS = 4  # unless more are asked for: each holds the rows that it works on in memory
_NAME = "whylead-work"  # of the threads
Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_threads() -> int:
    """How many threads to work in: WHYLEAD_THREADS, else the processors that this process may use, at most MAX_THREADS.

    It is 1 in a thread of ``in_order``, so that work within work starts no more of them. Raises ParamsError where
    WHYLEAD_THREADS is not a number from 1.
    """
    if current_thread().name.startswith(_NAME):
        return 1
    text = os.environ.get(THREADS_VARIABLE)
    if not text:
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(MAX_THREADS, processors)
    if not text.isdecimal() or int(text) < 1:
        raise ParamsError(f"{THREADS_VARIABLE}: {text!r} is not a number of threads.", hint="Give a number from 1.")
    return int(text)


def each_of(function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None) -> list[Result]:
    """``[function(item) for item in items]`` in threads (None: usable_threads); the first exception is raised.

    >>> each_of(abs, [-1, 2, -3], threads=2)
    [1, 2, 3]
    """
    items, threads = list(items), threads or usable_threads()
    if len(items) == 1 or threads == 1:
        return [function(item) for item in items]
    return list(in_order((partial(function, item) for item in items), threads))


def in_order(work: Iterable[Callable[[], Result]], threads: int | None = None) -> Iterator[Result]:
    """The results of the work in its order; while one is used, threads (None: usable_threads) make the next ones."""
    threads = threads or usable_threads()
    with ThreadPoolExecutor(threads, thread_name_prefix=_NAME) as pool:
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


@contextmanager
def plain_algebra() -> Iterator[None]:
    """Within it, BLAS works in the thread that calls it.

    Its own threads wait busily for each other: small matrices, and folds that are learned beside each other, then take
    many times the processor's time.
    """
    import scipy.linalg  # noqa: F401 - only libraries that are loaded are held to it, and SciPy brings a second BLAS
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
