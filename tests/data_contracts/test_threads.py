import threading
import time
from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from data_contracts.threads import THREADS_VARIABLE, each_of, in_order, plain_algebra, usable_threads


def test_results_come_in_the_order_of_the_work() -> None:
    later = threading.Event()

    def first() -> int:
        assert later.wait(10)
        return 1

    def second() -> int:
        later.set()
        return 2

    assert list(in_order([first, second, lambda: 3], 2)) == [1, 2, 3]


def test_work_is_begun_only_when_it_is_nearly_wanted() -> None:
    begun = []
    work = (lambda number=number: begun.append(number) for number in range(100))
    next(in_order(work, 2))
    assert len(begun) <= 4


def test_an_error_in_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError, match="division"):
        list(in_order([lambda: 1 // 0], 2))


def test_the_order_of_the_items_is_kept_whoever_is_done_first() -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.02 * (5 - item))
        return item * item

    assert each_of(slow_first, range(5)) == [0, 1, 4, 9, 16]


def test_many_items_are_all_done_once() -> None:
    done: list[int] = []
    each_of(done.append, range(500))
    assert sorted(done) == list(range(500))


def test_no_items_make_nothing() -> None:
    assert each_of(str, []) == []


def test_items_may_come_one_by_one() -> None:
    def items() -> Iterator[int]:
        yield from (3, 1, 2)

    assert each_of(str, items()) == ["3", "1", "2"]


def test_the_first_exception_in_the_order_of_the_items_is_raised() -> None:
    def refuse(item: int) -> int:
        time.sleep(0.02 * (5 - item))
        if item > 1:
            raise ValueError(f"item {item} is refused")
        return item

    with pytest.raises(ValueError, match=r"^item 2 is refused$"):
        each_of(refuse, range(5))


def test_work_within_work_comes_to_an_end() -> None:
    assert each_of(lambda row: sum(each_of(lambda item: item * row, range(20))), range(20)) == [
        190 * row for row in range(20)
    ]


def test_threads_end_with_the_work() -> None:
    before = threading.active_count()
    each_of(str, range(50))
    assert threading.active_count() == before


def test_work_within_work_starts_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    assert usable_threads() == 3
    assert each_of(lambda _: usable_threads(), range(4)) == [1, 1, 1, 1]


def test_one_thread_is_the_one_that_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    assert set(each_of(lambda _: threading.current_thread(), range(9))) == {threading.current_thread()}


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_algebra_starts_no_threads_of_its_own_and_has_them_back_afterwards() -> None:
    with threadpool_limits(2, user_api="blas"):
        with plain_algebra():
            within = blas_threads()
        assert set(within) == {1}
        assert set(blas_threads()[: len(within)]) == {2}
