from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import dump as program
from benchmarks.quality.problem import Problem
from benchmarks.quality.tasks import TASKS, cuts


def test_a_dumped_task_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["dump", str(tmp_path), "--tasks", "world_few"])
    program.main()
    (cut,) = cuts(TASKS["world_few"])
    assert Problem.load(tmp_path / "world_few" / "00.npz").digest == cut.problem.digest
    with np.load(tmp_path / "world_few" / "00.test.npz", allow_pickle=False) as stored:
        assert np.array_equal(stored["y"], cut.y_test)
        assert cut.truth is not None
        assert np.array_equal(stored["truth"], cut.truth)


def test_tasks_without_their_data_are_named_and_the_others_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "DATA", Path("/no/such/place"))
    monkeypatch.setattr("sys.argv", ["dump", str(tmp_path), "--tasks", "bank_random", "world_noise"])
    program.main()
    told = capsys.readouterr().err
    assert "bank_random: there are no data sets at /no/such/place: set WHYLEAD_DATA." in told
    assert [each.name for each in tmp_path.iterdir()] == ["world_noise"]
