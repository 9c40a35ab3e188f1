from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from features.records.grouping import ROW
from pipelines.tables.spilled_events import SpilledEvents


def batch(*leads_of_buckets: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose leads are those of the buckets, one after the other."""
    rows = np.zeros(sum(map(len, leads_of_buckets)), ROW)
    rows["lead"] = [lead for leads in leads_of_buckets for lead in leads]
    return rows, np.cumsum([0, *map(len, leads_of_buckets)])


@pytest.mark.parametrize("in_memory", [0, 100, 1 << 20])
def test_a_bucket_gives_back_the_rows_of_every_batch_from_memory_and_from_disk(
    in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with closing(SpilledEvents(3, in_memory)) as events:
        for batch_ in (batch([1], [], [2, 3]), batch([4, 5], [], []), batch([], [], [6])):
            events.add(*batch_)
        found = [events.rows(bucket, np.empty(9, ROW))["lead"].tolist() for bucket in range(3)]
        assert found == [[1, 4, 5], [], [2, 3, 6]]
        assert events.sizes.tolist() == [3, 0, 3]
        assert list(tmp_path.iterdir()) == []  # nothing that a killed process would leave


def test_rows_after_the_last_bucket_are_left_out() -> None:
    events = SpilledEvents(1, 1 << 20)
    rows, bounds = batch([1, 2], [9])
    events.add(rows, bounds[:-1])
    assert events.rows(0, np.empty(9, ROW))["lead"].tolist() == [1, 2]


def test_a_bucket_without_any_batch_is_empty() -> None:
    assert SpilledEvents(1, 0).rows(0, np.empty(9, ROW)).size == 0
