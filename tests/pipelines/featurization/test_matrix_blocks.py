import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.featurization.matrix_blocks import in_slices


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 7))
def test_slices_hold_the_same_rows_whatever_the_pieces_were(sizes: list[int], rows: int) -> None:
    matrix = np.arange(2.0 * sum(sizes)).reshape(-1, 2)
    pieces = np.split(matrix, np.cumsum(sizes)[:-1]) if sizes else []
    slices = list(in_slices(pieces, rows))
    assert [len(each) for each in slices[:-1]] == [rows] * (len(slices) - 1)
    assert np.concatenate([np.empty((0, 2)), *slices]).tolist() == matrix.tolist()
