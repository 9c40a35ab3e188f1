import json
from pathlib import Path

import pytest

from pipelines.cli import main
from tests.pipelines.featurization.test_stage import company


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("workspace")
    company(directory / "tables")
    return directory


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    return int(stop.value.code or 0)


def test_json_ends_with_the_facts(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--split", "ordered", "--test-share", "0.3", "--seed", "4", "--json")
    assert run("features", "--workspace", str(workspace), *options) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["split"]["strategy"], facts["split"]["test_share"], facts["split"]["seed"]) == ("ordered", 0.3, 4)
    assert facts == json.loads((workspace / "features" / "facts.json").read_text(encoding="utf-8"))


def test_a_person_reads_the_parts_and_what_is_quarantined(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("features", "--workspace", str(workspace)) == 0
    shown = capsys.readouterr().out
    assert "out_of_time" in shown
    assert "leads.tag (AUC 0.9" in shown
    assert "confirmed: true" in shown


def test_without_tables_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("features", "--workspace", str(tmp_path)) == 2
    assert "whylead import" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_unknown_split_is_refused(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("features", "--workspace", str(workspace), "--split", "alphabetical") == 2
    assert "--split" in capsys.readouterr().err


def test_too_few_deals_exit_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    company(tmp_path / "tables", 6)
    assert run("features", "--workspace", str(tmp_path)) == 1
    assert "5 of each" in " ".join(capsys.readouterr().err.split())
