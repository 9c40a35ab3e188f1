"""Broken input of every kind ends in a message that names the place, an exit code, and nothing left behind.

The cases stand in broken_files.py, broken_cells.py and broken_mappings.py.
"""

import os
from pathlib import Path

import pytest

from pipelines.cli import main
from tests.pipelines.broken_case import GOOD, Case
from tests.pipelines.broken_cells import CELLS, TABLES
from tests.pipelines.broken_files import FILES
from tests.pipelines.broken_mappings import MAPPINGS
from tests.pipelines.export import MAPPING, Rows, as_csv, healthy, spoil, write_export

CASES = [*FILES, *CELLS, *TABLES, *MAPPINGS]


def run_import(directory: Path, case: Case) -> int:
    source = write_export(directory, case.files)
    mapping = directory / "mapping.yaml"
    content = case.mapping if isinstance(case.mapping, bytes) else case.mapping.encode()
    mapping.write_bytes(content)
    return run(
        "import",
        "--mapping",
        str(mapping),
        "--source",
        str(source),
        "--workspace",
        str(directory / "ws"),
        *case.options,
    )


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return int(caught.value.code or 0)


def test_there_are_more_than_a_hundred_kinds_and_no_two_are_the_same() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 100
    assert len({(tuple(case.files.items()), case.mapping, case.options) for case in CASES}) == len(CASES)


def test_the_export_that_the_cases_spoil_is_healthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_import(tmp_path, Case("healthy", ())) == 0
    assert "100" in capsys.readouterr().out


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_broken_input_is_reported_and_leaves_nothing(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    code = run_import(tmp_path, case)
    shown = capsys.readouterr()
    told = " ".join(shown.err.split())
    assert code == 2
    assert "Traceback" not in told
    assert [part for part in case.says if part not in told] == [], told
    assert "Quackenbush" not in told + shown.out + caplog.text
    assert "@firm" not in told + shown.out + caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mapping.yaml", "source"]


def test_a_directory_in_the_place_of_a_file_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_export(tmp_path, {})
    (source / "leads.csv").mkdir()
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    assert run("import", "--mapping", str(tmp_path / "mapping.yaml"), "--source", str(source)) == 2
    assert "is a directory, expected a file" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["nowhere", "mapping.yaml"])
def test_a_source_that_is_not_a_directory_is_reported(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    arguments = ("--mapping", str(tmp_path / "mapping.yaml"), "--source", str(tmp_path / place))
    assert run("import", *arguments, "--workspace", str(tmp_path / "ws")) == 2
    assert "is not a directory" in capsys.readouterr().err
    assert not (tmp_path / "ws").exists()


def test_a_file_without_permission_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def refuse(self: Path, *args: object, **options: object) -> object:
        if self.name == "leads.csv":  # as the system does for everyone but root, who runs tests in containers
            raise PermissionError(13, os.strerror(13))
        return real(self, *args, **options)  # type: ignore[call-overload]

    source = write_export(tmp_path, {"leads.csv": GOOD})
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    monkeypatch.setattr(Path, "open", refuse)
    arguments = ("--mapping", str(tmp_path / "mapping.yaml"), "--source", str(source))
    assert run("import", *arguments, "--workspace", str(tmp_path / "ws")) == 2
    assert "leads.csv cannot be read: Permission denied" in capsys.readouterr().err


def test_a_workspace_that_cannot_be_made_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    (tmp_path / "ws").write_text("a file")
    source = write_export(tmp_path, {"leads.csv": GOOD})
    arguments = ("--mapping", str(tmp_path / "mapping.yaml"), "--source", str(source))
    assert run("import", *arguments, "--workspace", str(tmp_path / "ws")) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["hubspo", "no-such-mapping", "."])
def test_a_mapping_that_is_not_there_is_reported(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--mapping", name, "--source", str(tmp_path), "--workspace", str(tmp_path / "ws")) == 2
    assert "hubspot" in capsys.readouterr().err


def test_a_failed_import_leaves_the_tables_of_the_one_before(tmp_path: Path) -> None:
    assert run_import(tmp_path, Case("healthy", ())) == 0
    before = {path: path.read_bytes() for path in sorted((tmp_path / "ws").rglob("*")) if path.is_file()}
    (tmp_path / "source" / "leads.csv").write_bytes(as_csv(spoil("created", "soon")))
    arguments = ("--mapping", str(tmp_path / "mapping.yaml"), "--source", str(tmp_path / "source"))
    assert run("import", *arguments, "--workspace", str(tmp_path / "ws")) == 2
    assert {path: path.read_bytes() for path in sorted((tmp_path / "ws").rglob("*")) if path.is_file()} == before


UNFIT = [
    ("all outcomes equal", spoil("stage", "Won", range(100)), "lost"),
    ("every deal open", spoil("stage", "Open", range(100)), "won"),
    ("fewer than 5 won", spoil("stage", "Lost", range(95)), "5"),
    ("fewer than 10 leads", healthy(6), "5"),
]


@pytest.mark.parametrize(("name", "rows", "says"), UNFIT, ids=[case[0].replace(" ", "-") for case in UNFIT])
def test_data_that_can_be_read_but_not_learned_from_fall_short(
    name: str, rows: Rows, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(tmp_path, Case(name, (), {"leads.csv": as_csv(rows)})) == 0
    assert run("validate", "--workspace", str(tmp_path / "ws")) == 1
    shown = capsys.readouterr()
    assert says in shown.out + shown.err
    assert "Traceback" not in shown.err
