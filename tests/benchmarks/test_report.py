import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.diagram import write_diagrams
from benchmarks.quality.report import Settings, as_json, markdown, write_report
from benchmarks.quality.standing import Contest
from benchmarks.quality.store import Solved
from benchmarks.quality.tasks import TASKS, cuts_of
from tests.benchmarks.small_company import small_company

SETTINGS = Settings((10.0, 60.0, 300.0), 60.0, 10.0, 1, 1)


@pytest.fixture
def contest(tmp_path: Path) -> Contest:
    """Every contender with figures but one; the sharper ones are better."""
    (cut,) = cuts_of(small_company(tmp_path / "tables"), "ordered")
    made = Contest(TASKS["xedu_clean"], [cut])
    for rank, contender in enumerate(CONTENDERS.values()):
        if contender.name == "flaml":
            made.fail(contender, 60.0, "ran out | of memory")
            continue
        for budget in SETTINGS.budgets if contender.kind == "ours" else (60.0,):
            p = np.where(cut.y_test > 0, 0.5, 0.5 - 0.02 * rank - budget / 2000)
            made.add(contender, budget, [Solved(p, 1.5, {"rank": rank})])
    return made


def test_the_table_shows_every_contender_and_why_one_has_no_figures(contest: Contest) -> None:
    told = markdown([contest], SETTINGS)
    for label in ("**whylead 10 s**", "**whylead 60 s**", "**whylead 300 s**", "FLAML 60 s", "AutoGluon 60 s"):
        assert f"| {label} |" in told
    for contender in CONTENDERS.values():
        assert contender.label in told
    assert "no figures: ran out / of memory" in told
    assert told.splitlines()[2].startswith("| xedu_clean | 0.3855 | ")


def test_ours_is_compared_at_no_more_than_the_peers_time(contest: Contest) -> None:
    assert as_json([contest], SETTINGS)["tasks"]["xedu_clean"]["ours"] == "whylead 60 s"
    ours = contest.ours(5.0)
    assert ours is not None
    assert ours.label == "whylead 10 s"


def test_json_says_by_how_much_ours_is_better(contest: Contest, tmp_path: Path) -> None:
    write_report([contest], SETTINGS, tmp_path / "out")
    found = json.loads((tmp_path / "out" / "quality.json").read_text())["tasks"]["xedu_clean"]
    peer, ours = found["contenders"]["AutoGluon 60 s"], found["contenders"]["whylead 60 s"]
    assert peer["ours_minus_this"]["value"] == pytest.approx(ours["log_loss"] - peer["log_loss"])
    assert peer["ours_minus_this"]["low"] <= peer["ours_minus_this"]["value"] <= peer["ours_minus_this"]["high"]
    assert peer["facts"] == [{"rank": list(CONTENDERS).index("autogluon")}]
    assert found["contenders"]["FLAML 60 s"] == {"failed": "ran out | of memory"}
    assert found["test_rows"] == len(contest.y)


def test_a_prequential_task_tells_each_block(tmp_path: Path) -> None:
    cuts = list(cuts_of(small_company(tmp_path), "prequential"))
    contest = Contest(TASKS["prequential_xedu"], cuts)
    contest.add(CONTENDERS["base_rate"], 0.0, [Solved(np.full(len(cut.y_test), 0.4), 0.1, {}) for cut in cuts])
    found = as_json([contest], SETTINGS)["tasks"]["prequential_xedu"]["contenders"]["base rate"]
    assert list(found["blocks"]) == list(range(6, 21))
    sizes = [len(cut.y_test) for cut in cuts]
    assert np.average(list(found["blocks"].values()), weights=sizes) == pytest.approx(found["log_loss"])


def test_diagrams_have_a_panel_per_task(contest: Contest, tmp_path: Path) -> None:
    write_diagrams([contest, contest], SETTINGS, tmp_path / "reliability.svg")
    told = (tmp_path / "reliability.svg").read_text()
    assert told.count("<!-- xedu_clean -->") == 2
    assert told.count("<!-- whylead 60 s -->") == 2


def test_nothing_is_drawn_without_figures(tmp_path: Path) -> None:
    write_diagrams([], SETTINGS, tmp_path / "reliability.svg")
    assert not (tmp_path / "reliability.svg").exists()
