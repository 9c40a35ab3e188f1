"""Work in threads, whose results are wanted in the order of the work."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
T = TypeVar("T")


def in_order(work: Iterable[Callable[[], T]], threads: int = THREADS) -> Iterator[T]:
    """The results of the work in its order; while one is used, the next ones are made in threads."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[T]] = deque()
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
