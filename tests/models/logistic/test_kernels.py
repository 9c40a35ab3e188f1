import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.arrays import Floats
from models.logistic.kernels import add_terms, explain_terms, term_table
from models.logistic.terms import CategoryTerm, NumberTerm, Term, category_rows, standardise

TERMS: tuple[Term, ...] = (
    NumberTerm(0, 0.7, 1.0, 2.0, log=True, missing=-0.3, mean=0.1, low=-0.5, high=3.0),
    CategoryTerm(3, (1.0, 2.0, 3.0, 8.0, 9.0), 0.5),
    NumberTerm(2, -1.3, 0.2, 0.5, log=False, missing=0.4, mean=0.0),
    CategoryTerm(1, (-1.0, -2.0, -3.0), 0.0),
    NumberTerm(4, 0.2, 0.0, 1.0, log=True, missing=0.0, mean=0.0),
)
ROWS = arrays(np.float64, st.tuples(st.integers(1, 40), st.just(5)), elements=st.floats(width=64))


def defined(term: Term, x: Floats) -> Floats:
    """A term (n,) as its definition says, by array operations."""
    if isinstance(term, CategoryTerm):
        values: Floats = np.asarray(term.table)[category_rows(x, len(term.table) - 2)]
        return values
    known = np.isfinite(x)
    standard = standardise(np.where(known, x, 0.0), term.centre, term.scale, term.log)
    return np.where(known, term.slope * np.clip(standard, term.low, term.high), term.missing)


@given(ROWS)
def test_each_term_is_what_it_is_defined_to_be(X: Floats) -> None:
    out, total, alone = np.zeros((len(X), 6)), np.full(len(X), 0.25), np.full(len(X), 0.25)
    explain_terms(X, term_table(TERMS), total, out)
    add_terms(X, term_table(TERMS), alone)
    np.testing.assert_array_equal(total, alone)
    expected = np.column_stack([defined(term, X[:, term.feature]) for term in TERMS])
    shown = out[:, [term.feature for term in TERMS]] + [term.mean for term in TERMS]
    np.testing.assert_allclose(shown, expected, atol=1e-12)
    np.testing.assert_allclose(total, 0.25 + expected.sum(axis=1), atol=1e-12)
    assert not out[:, 5].any()


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 20_000])
def test_a_sum_does_not_depend_on_the_rows_beside_it(rows: int) -> None:
    X = np.random.default_rng(0).lognormal(size=(rows, 5)) * 3
    total, last = np.zeros(rows), np.zeros(1)
    add_terms(X, term_table(TERMS), total)
    add_terms(X[-1:], term_table(TERMS), last)
    assert total[-1] == last[0]


def test_no_terms_add_up_to_nothing() -> None:
    total = np.zeros(3)
    add_terms(np.ones((3, 5)), term_table(()), total)
    assert total.tolist() == [0.0] * 3
