import threading

import pytest

from pipelines.workspace.threads import in_order


def test_results_come_in_the_order_of_the_work() -> None:
    later = threading.Event()

    def first() -> int:
        assert later.wait(10)
        return 1

    def second() -> int:
        later.set()
        return 2

    assert list(in_order([first, second, lambda: 3])) == [1, 2, 3]


def test_work_is_begun_only_when_it_is_nearly_wanted() -> None:
    begun = []
    work = (lambda number=number: begun.append(number) for number in range(100))
    next(in_order(work))
    assert len(begun) <= 4


def test_an_error_in_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError, match="division"):
        list(in_order([lambda: 1 // 0]))
