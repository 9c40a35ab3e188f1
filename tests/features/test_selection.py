import numpy as np

from features.selection import distinct_columns


def test_constant_and_repeated_columns_are_left_out() -> None:
    x = np.arange(1000.0)
    X = np.column_stack([x, np.ones(1000), x, np.full(1000, np.nan), -x, np.where(x < 500, np.nan, 1.0)])
    assert distinct_columns(X).tolist() == [True, False, False, False, True, True]


def test_a_column_that_differs_in_a_few_rows_says_nothing() -> None:
    few = np.zeros(1000)
    few[:9] = 1
    enough = np.zeros(1000)
    enough[:10] = 1
    assert distinct_columns(np.column_stack([few, enough])).tolist() == [False, True]


def test_missing_and_negative_zero_are_compared_as_values() -> None:
    x = np.tile([0.0, 1.0, np.nan], 100)
    negative = np.where(x == 0, -0.0, x)
    assert distinct_columns(np.column_stack([x, negative])).tolist() == [True, False]


def test_no_rows_leave_no_columns() -> None:
    assert not distinct_columns(np.empty((0, 3))).any()
