import numpy as np
import pandas as pd
import pytest

from pipelines.evaluation.drift import base_rates
from pipelines.evaluation.verdict import drift_sentence


def _snapshots(rates: list[float], each: int = 400, *, seed: int = 0, mixed: bool = False) -> pd.DataFrame:
    """Blocks of leads along time with these won rates; the last fifth, or a random fifth, is the test part."""
    generator = np.random.default_rng(seed)
    n = each * len(rates)
    label = (generator.random(n) < np.repeat(rates, each)).astype(float)
    test = generator.random(n) < 0.2 if mixed else np.arange(n) >= 0.8 * n
    return pd.DataFrame(
        {
            "lead_id": [f"L{row}" for row in range(n)],
            "label": pd.array(label, dtype="Int8"),
            "weight": 1.0,
            "part": np.where(test, "test", "train"),
            "position": np.arange(n),
            "snapshot_at": pd.NaT,
        }
    )


def test_a_base_rate_that_moves_is_said_with_both_ends() -> None:
    rates = base_rates(_snapshots([0.05, 0.06, 0.05, 0.06, 0.4]), ordered=True)
    assert rates.drifts
    assert drift_sentence(rates).startswith("Drift: the win rate went from 5.7% of the training leads")
    assert "to 46% of the test leads" in drift_sentence(rates)


def test_noise_is_no_drift() -> None:
    for seed in range(20):
        rates = base_rates(_snapshots([0.2] * 5, each=100, seed=seed), ordered=True, mixed=True)
        assert drift_sentence(rates) == "", seed


def test_a_random_split_does_not_hide_drift() -> None:
    rates = base_rates(_snapshots([0.05, 0.06, 0.05, 0.06, 0.4], mixed=True), ordered=True, mixed=True)
    assert not rates.drifts
    assert drift_sentence(rates).startswith("Hidden drift: over time the win rate ranges from")


def test_a_test_part_that_comes_last_has_seen_what_time_does() -> None:
    rates = base_rates(_snapshots([0.3, 0.3, 0.15, 0.15, 0.22]), ordered=True)
    assert drift_sentence(rates) == ""
    assert max(block.won_rate.low for block in rates.blocks) > min(block.won_rate.high for block in rates.blocks)


def test_without_order_there_are_no_blocks() -> None:
    rates = base_rates(_snapshots([0.1, 0.1]), ordered=False)
    assert rates.blocks == ()
    assert drift_sentence(rates) == ""


def test_unlabelled_snapshots_and_those_in_the_gap_do_not_count() -> None:
    snapshots = _snapshots([0.2] * 5)
    more = snapshots.assign(part="gap", label=1)
    open_ones = snapshots.assign(part="unlabelled", label=pd.array([None] * len(snapshots), dtype="Int8"))
    both = base_rates(pd.concat([snapshots, more, open_ones], ignore_index=True), ordered=True)
    assert both.trained == base_rates(snapshots, ordered=True).trained
    assert sum(block.leads for block in both.blocks) == pytest.approx(len(snapshots))
