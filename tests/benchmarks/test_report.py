import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss

from benchmarks.quality import draws
from benchmarks.quality.answer import Answer, Spent
from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.diagram import write_diagrams
from benchmarks.quality.report import Settings, as_json, markdown, write_report
from benchmarks.quality.standing import Contest
from benchmarks.quality.store import Solved
from benchmarks.quality.tasks import TASKS, cuts_of
from benchmarks.quality.worlds import WORLDS
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
            made.add(contender, budget, [Solved(Answer(p, {"rank": rank}), Spent(1.5, 2.5))])
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
    contest.add(
        CONTENDERS["base_rate"], 0.0, [Solved(Answer(np.full(len(cut.y_test), 0.4)), Spent(0.1, 0.1)) for cut in cuts]
    )
    found = as_json([contest], SETTINGS)["tasks"]["prequential_xedu"]["contenders"]["base rate"]
    assert list(found["blocks"]) == list(range(6, 21))
    sizes = [len(cut.y_test) for cut in cuts]
    assert np.average(list(found["blocks"].values()), weights=sizes) == pytest.approx(found["log_loss"])


def test_small_cuts_are_scored_on_average_over_the_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "TESTED", 60)
    cuts = list(cuts_of(small_company(tmp_path), "ordered", size=50))
    contest = Contest(TASKS["small_xedu_40"], cuts)
    for name, p in (("base_rate", 0.4), ("naive_bayes", 0.35)):
        contest.add(CONTENDERS[name], 0.0, [Solved(Answer(np.full(60, p)), Spent(0.1, 0.1)) for _ in cuts])
    first, second = contest.standings
    assert first.scores is not None
    of_draws = [log_loss(cut.y_test, np.full(60, 0.4)) for cut in cuts]
    assert first.scores.log_loss == pytest.approx(np.mean(of_draws))
    assert first.scores.roc_auc == 0.5
    apart = contest.difference(first, second)
    of_others = [log_loss(cut.y_test, np.full(60, 0.35)) for cut in cuts]
    assert apart is not None
    assert apart.value == pytest.approx(np.mean(of_draws) - np.mean(of_others))


def test_where_the_truth_is_known_the_table_tells_what_it_reaches() -> None:
    contest = Contest(TASKS["world_few"], [WORLDS["few"].cut()])
    p = np.full(500, 0.4)
    contest.add(CONTENDERS["whylead"], 10.0, [Solved(Answer(p, {}, p - 0.2, p + 0.2), Spent(2.0, 3.0))])
    told = markdown([contest], SETTINGS)
    assert "The true probabilities have a log loss of 0." in told
    (row,) = (line for line in told.splitlines() if line.startswith("| **whylead 10 s**"))
    truth = contest.truth
    assert truth is not None
    assert row.endswith(f" {((truth >= p - 0.2) & (truth <= p + 0.2)).mean():.1%} | 2.0 | 3.0 |")
    found = as_json([contest], SETTINGS)["tasks"]["world_few"]["contenders"]["whylead 10 s"]
    assert found["truth"]["ece"] == pytest.approx(abs(truth.mean() - 0.4))
    assert found["processor_seconds"] == 3.0


def test_the_overview_has_the_least_log_loss_of_a_task_bold(contest: Contest) -> None:
    rows = [line for line in markdown([contest], SETTINGS).splitlines() if line.startswith("| xedu_clean |")]
    least = min(each.scores.log_loss for each in contest.standings if each.scores)
    assert rows[1].count(f"**{least:.4f}**") == 1
    assert rows[1].count("**") == 2


def test_diagrams_have_a_panel_per_task(contest: Contest, tmp_path: Path) -> None:
    write_diagrams([contest, contest], SETTINGS, tmp_path / "reliability.svg")
    told = (tmp_path / "reliability.svg").read_text()
    assert told.count("<!-- xedu_clean -->") == 2
    assert told.count("<!-- whylead 60 s -->") == 2


def test_nothing_is_drawn_without_figures(tmp_path: Path) -> None:
    write_diagrams([], SETTINGS, tmp_path / "reliability.svg")
    assert not (tmp_path / "reliability.svg").exists()
