import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feature_blocks import in_order, in_slices


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 7))
def test_slices_hold_the_same_rows_whatever_the_pieces_were(sizes: list[int], rows: int) -> None:
    matrix = np.arange(2.0 * sum(sizes)).reshape(-1, 2)
    pieces = np.split(matrix, np.cumsum(sizes)[:-1]) if sizes else []
    slices = list(in_slices(pieces, rows))
    assert [len(each) for each in slices[:-1]] == [rows] * (len(slices) - 1)
    assert np.concatenate([np.empty((0, 2)), *slices]).tolist() == matrix.tolist()


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
