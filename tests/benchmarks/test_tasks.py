import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import __main__ as program
from benchmarks.quality.sources import all_columns, at_preaccepted
from benchmarks.quality.tasks import TASKS, cuts, cuts_of
from data_contracts.dataset import Attribute, DatasetManifest
from tests.benchmarks.small_company import small_company


def test_all_columns_lets_through_what_was_written_later() -> None:
    tag = Attribute(table="leads", name="tags", kind="categorical", known_at="after_outcome", label="tag")
    (found,) = all_columns(DatasetManifest(mapping="m", order="column", attributes=(tag,))).attributes
    assert (found.known_at, found.confirmed) == ("created", True)


def test_preaccepted_is_scored_at_that_activity() -> None:
    rule = at_preaccepted(DatasetManifest(mapping="m", order="time")).snapshot
    assert (rule.at, rule.types) == ("first_activity", ("application_preaccepted",))


# What the data sets' own README files say: rows whose outcome is known, and how many of them are won.
COUNTS = {
    "bank_random": (41_188, 4_640),
    "bank_ordered": (41_188, 4_640),
    "xedu_clean": (9_240, 3_561),
    "xedu_all": (9_240, 3_561),
    "crm_sales": (6_711, 4_238),
    "bpic_osent": (4_688, 2_246),
    "bpic_preaccepted": (6_968, 2_246),
    "opportunities_random": (42_991, 25_823),
    "opportunities_ordered": (42_991, 25_823),
}
LEFT_OUT = {"lead.duration", "lead.tags", "lead.lead_quality", "lead.lead_profile", "lead.last_activity"}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", COUNTS)
def test_a_task_has_every_closed_lead_once(real_data: Path, name: str) -> None:
    (cut,) = cuts(TASKS[name], data=real_data)
    rows, won = COUNTS[name]
    assert len(cut.problem.y_train) + len(cut.y_test) == rows
    assert cut.problem.y_train.sum() + cut.y_test.sum() == won
    # Opportunities have lines that are copies of each other or nearly so, which stay in one part.
    off = 0.06 * rows * 0.2 if name.startswith("opportunities") else 0
    assert len(cut.y_test) == pytest.approx(np.ceil(rows * 0.2), abs=off)
    assert (cut.problem.weight == 1).all()
    names = {each.name for each in cut.problem.features}
    assert ("lead.tags" in names) == (name == "xedu_all")
    assert name == "xedu_all" or not names & LEFT_OUT


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize(("name", "rows"), [("prequential_xedu", 9_240), ("prequential_bpic", 4_688)])
def test_a_prequential_task_scores_every_lead_of_the_later_blocks(real_data: Path, name: str, rows: int) -> None:
    made = list(cuts(TASKS[name], data=real_data))
    assert len(made) == 15
    assert len(made[0].problem.y_train) + sum(len(cut.y_test) for cut in made) == rows
    sizes = [len(cut.y_test) for cut in made]
    assert max(sizes) - min(sizes) <= 1


CODES = {"account_owner", "area", "sub_area", "country_code", "region", "created_by", "currency", "price_book"}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["opportunities_random", "opportunities_ordered"])
def test_the_codes_of_opportunities_are_categories_and_the_date_is_told_only_where_nothing_is_in_order(
    real_data: Path, name: str
) -> None:
    (cut,) = cuts(TASKS[name], data=real_data)
    categories = {each.name.removeprefix("lead."): each.categories is not None for each in cut.problem.features}
    assert {name for name, is_category in categories.items() if is_category} == CODES
    assert ("created_date" in categories) == (name == "opportunities_random")
    assert not {"close_date", "modified_date", "stage_changed", "days_to_modified", "days_in_stage_1"} & set(categories)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["small_xedu_40", "small_bank_100", "small_opportunities_500"])
def test_small_cuts_leave_the_test_part_of_the_whole_task_alone(real_data: Path, name: str) -> None:
    whole = {"small_xedu_40": "xedu_clean", "small_bank_100": "bank_random"}.get(name, "opportunities_ordered")
    (cut,) = cuts(TASKS[whole], data=real_data)
    made = list(cuts(TASKS[name], data=real_data))
    assert {(len(each.problem.y_train), len(each.y_test)) for each in made} == {(TASKS[name].size, 1000)}
    assert len(made) == 20
    for each in made:
        assert not np.isin(np.concatenate([each.problem.group, each.lead_test]), cut.lead_test).any()


def test_without_data_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(program, "DATA", Path("/no/such/place"))
    monkeypatch.setattr("sys.argv", ["quality"])
    program.main()
    assert "There are no data sets at /no/such/place: set WHYLEAD_DATA." in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_leaves_tables_and_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = small_company(tmp_path / "tables")
    monkeypatch.setattr(program, "DATA", tmp_path)
    monkeypatch.setattr(program, "cuts", lambda task, every: cuts_of(given, task.split, every))
    asked = ["quality", "--tasks", "crm_sales", "prequential_bpic", "--contenders", "base_rate", "naive_bayes"]
    asked += ["--retrain-every", "5", "--threads", "1", "--out", str(tmp_path), "--resume"]
    monkeypatch.setattr("sys.argv", asked)
    program.main()
    told = capsys.readouterr().out
    assert told == (tmp_path / "quality.md").read_text()
    found = json.loads((tmp_path / "quality.json").read_text())["tasks"]
    assert {name: set(each["contenders"]) for name, each in found.items()} == {
        name: {"base rate", "naive Bayes"} for name in ("crm_sales", "prequential_bpic")
    }
    assert (tmp_path / "reliability.svg").exists()
    monkeypatch.setattr("benchmarks.quality.runner._contest", _refuse)
    program.main()
    assert capsys.readouterr().out == told
    monkeypatch.setattr("sys.argv", [*asked, "--stored", "--contenders", "base_rate", "naive_bayes", "catboost"])
    program.main()
    assert capsys.readouterr().out == told


def _refuse(*_: object) -> None:
    raise AssertionError("an answer that is there was computed again")
