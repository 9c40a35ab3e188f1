import json
from pathlib import Path

import pytest

from pipelines.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command line."""
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", *arguments])
    shown = capsys.readouterr()
    return int(stopped.value.code or 0), shown.out, shown.err


def test_json_says_what_was_written_and_where_the_truth_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--leads", "50", "--seed", "2", "--out", str(tmp_path / "out"), "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["rows"]["contacts"] == 50
    assert facts["horizon_days"] == 90
    assert Path(facts["truth"]).is_file()


def test_a_person_sees_files_and_outcomes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--leads", "50", "--out", str(tmp_path / "out"))
    assert code == 0
    assert all(word in out for word in ("contacts", "activities", "deals won", "seed 7"))


def test_a_directory_of_other_files_ends_in_exit_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("")
    code, out, err = run(capsys, "--leads", "50", "--out", str(tmp_path))
    assert (code, out) == (2, "")
    assert "holds 'notes.txt'" in " ".join(err.split())
