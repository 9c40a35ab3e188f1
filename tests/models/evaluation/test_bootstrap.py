import numpy as np
import pytest

from models.evaluation.bootstrap import draw_counts, draw_leads, mean_estimate


@pytest.mark.parametrize(("width", "cells"), [(0, 700), (50, 1), (350, 700)])
def test_drawing_in_blocks_changes_nothing(width: int, cells: int) -> None:
    (whole,) = draw_leads(100, 60, 5)
    blocks = list(draw_leads(100, 60, 5, width=width, cells=cells))
    assert len(blocks) > 1
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def test_all_snapshots_of_a_lead_are_drawn_as_often_as_the_lead() -> None:
    lead = np.array([2, 0, 1, 2, 0])
    (drawn,), (counts,) = draw_leads(3, 50, 7, width=5), draw_counts(lead, 50, 7)
    np.testing.assert_array_equal(counts, [[(row == each).sum() for each in lead] for row in drawn])


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    total = np.random.default_rng(0).normal(1.0, 2.0, 2000)
    estimate = mean_estimate(total, np.ones(2000), replicates=2000, seed=0)
    error = total.std() / np.sqrt(2000)
    assert estimate.value == pytest.approx(total.mean())
    assert (estimate.high - estimate.low) / error == pytest.approx(2 * 1.96, rel=0.05)


def test_nothing_to_draw_gives_no_block() -> None:
    assert list(draw_leads(10, 0, 0)) == []
