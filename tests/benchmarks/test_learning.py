"""What the benchmark of learning learns from, and how it counts trials."""

import numpy as np
import pytest

from benchmarks import learning
from benchmarks.learning import drawn_rows, trials_per_minute
from data_contracts.progress import Progress
from models.samples.training_rows import TrainingRows


@pytest.fixture(scope="module")
def rows() -> TrainingRows:
    return drawn_rows(1_200, 30, 4)


def test_leads_have_as_many_snapshots_as_asked_for_and_weigh_one(rows: TrainingRows) -> None:
    _, count = np.unique(rows.lead, return_counts=True)
    assert set(count) == {4}
    assert rows.weight.sum() == pytest.approx(len(count))
    assert rows.X.shape == (1_200, len(rows.features)) == (1_200, 30)


def test_levels_are_codes_of_their_categories(rows: TrainingRows) -> None:
    for column, feature in zip(rows.X.T, rows.features, strict=True):
        if feature.categories is not None:
            assert set(column) <= set(range(len(feature.categories)))


def test_both_outcomes_happen(rows: TrainingRows) -> None:
    assert 0.05 < rows.y.mean() < 0.5


def test_trials_are_counted_at_the_time_of_two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 11.0, 13.0, 16.0])

    def learn(_rows: TrainingRows, _settings: object, on_progress: Progress) -> None:
        on_progress("training trees", 0.1)
        for trial in range(4):
            on_progress(f"tuning, trial {trial + 1}", 0.5)

    monkeypatch.setattr(learning, "learn", learn)
    monkeypatch.setattr(learning, "drawn_rows", lambda *_: None)
    monkeypatch.setattr("benchmarks.learning.time.process_time", lambda: next(clock))
    assert trials_per_minute() == pytest.approx(2 * 60 * 3 / 6.0)
