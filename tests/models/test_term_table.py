import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.logistic_term import CategoryTerm, NumberTerm, Term
from models.term_table import TermTable

TERMS: tuple[Term, ...] = (
    NumberTerm(0, 0.7, 1.0, 2.0, log=True, missing=-0.3, mean=0.1, low=-0.5, high=3.0),
    CategoryTerm(3, (1.0, 2.0, 3.0, 8.0, 9.0), 0.0),
    NumberTerm(2, -1.3, 0.2, 0.5, log=False, missing=0.4, mean=0.0),
    CategoryTerm(1, (-1.0, -2.0, -3.0), 0.0),
    NumberTerm(4, 0.2, 0.0, 1.0, log=True, missing=0.0, mean=0.0),
)
ROWS = arrays(np.float64, st.tuples(st.integers(1, 40), st.just(5)), elements=st.floats(width=64))


@given(ROWS)
def test_all_terms_at_once_have_the_bits_of_each_alone(X: np.ndarray) -> None:
    alone = np.column_stack([term.values(np.ascontiguousarray(X[:, term.feature])) for term in TERMS])
    np.testing.assert_array_equal(TermTable(TERMS).values(X), alone)


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 8_192, 20_000])
def test_a_sum_does_not_depend_on_the_rows_beside_it(rows: int) -> None:
    X = np.random.default_rng(0).lognormal(size=(rows, 5)) * 3
    total = TermTable(TERMS).total(X)
    last = TermTable(TERMS).total(X[-1:])
    assert total[-1] == last[0]


def test_no_terms_add_up_to_nothing() -> None:
    assert TermTable(()).total(np.ones((3, 5))).tolist() == [0.0] * 3
    assert TermTable(()).values(np.ones((3, 5))).shape == (3, 0)
