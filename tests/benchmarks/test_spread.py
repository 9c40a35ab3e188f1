import subprocess

import pytest

from benchmarks.quality import spread as program
from benchmarks.quality.spread import Spread, kept_busy
from benchmarks.quality.tasks import TASKS


def test_what_does_not_depend_on_the_seed_has_no_spread(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["spread", "world_few", "--contender", "base_rate", "--seeds", "2", "--busy", "0"]
    monkeypatch.setattr("sys.argv", asked)
    program.main()
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.startswith("| world_few | 0 | 0.67")
    assert row.endswith(" | 0.0000 |")


def test_each_seed_is_another_run() -> None:
    found = program.spread(TASKS["world_few"], "random_forest", seeds=2, busy=0, budget=0.0)
    assert len(set(found.losses)) == 2


def test_a_row_tells_the_ends_and_how_far_they_are_apart() -> None:
    assert Spread("a task", 2, [0.7, 0.72, 0.71]).row() == "| a task | 2 | 0.7000 | 0.7100 | 0.7200 | 0.0200 |"


def test_busy_processes_end_with_what_they_disturb(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def remembered(command: list[str]) -> subprocess.Popen[bytes]:
        started.append(begin(command))
        return started[-1]

    begin = subprocess.Popen
    monkeypatch.setattr("benchmarks.quality.spread.subprocess.Popen", remembered)
    with kept_busy(2):
        assert [each.poll() for each in started] == [None, None]
    assert all(each.poll() is not None for each in started)
