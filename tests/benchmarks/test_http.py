"""The figures of the HTTP benchmark: medians of rounds, and no bar is reached by a server that refuses."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.bodies import fields
from benchmarks.contestants import Contestant
from benchmarks.http import Heat, results
from benchmarks.load import Measured, Target
from benchmarks.processes import free_port, running


def heat(name: str, per_second: float, p99: float, refused: int = 0) -> Heat:
    contestant = Contestant(name, [], "/", "/", [], [], lambda answer: 0.0)
    rounds = [Measured(per_second * factor, p99 / 2, p99 * factor, refused, 0.1) for factor in (0.5, 1.0, 2.0)]
    return Heat(contestant, Target(0, "/", Path()), rounds)


def heats(refused: int = 0) -> list[Heat]:
    others = [heat("empty", 5_000, 4.0), heat("booster", 50, 400.0), heat("pyfunc", 400, 80.0)]
    return [heat("ours", 2_500, 8.0, refused), *others]


def test_ratios_are_of_medians_and_p99_may_be_three_times_theirs() -> None:
    found = results(heats(), [0.0, 0.0, 1e-12, 0.0], "")
    assert [each.ratio for each in found] == [0.5, 1.5, 50.0, 6.25]
    assert all(each.reached for each in found)
    assert found[2].max_abs_diff == 1e-12


def test_a_refusal_under_load_misses_every_bar() -> None:
    found = results(heats(refused=1), [0.0, 0.0, 0.0, 0.0], "")
    assert not any(each.reached for each in found)
    assert "3 REFUSED" in found[0].note


def test_fields_counts_values_at_any_depth() -> None:
    assert fields({"lead": {"a": 1, "b": None}, "activities": [{"type": "x", "value": 2.0}, {"type": "y"}]}) == 5


def test_a_server_is_ended_and_one_that_ends_by_itself_says_why(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), str(port)]
    with running(command, port, "/", tmp_path / "log") as seconds:
        assert seconds > 0
    broken = [sys.executable, "-c", f"raise SystemExit({json.dumps('no model')})"]
    with pytest.raises(ChildProcessError, match="no model"), running(broken, port, "/", tmp_path / "log"):
        pass
