"""`whylead validate`: whether the data checks pass, as a table, as JSON and as pages."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from data_contracts.dataset import TABLES, Dataset
from data_contracts.errors import DataFallsShort, FileError
from pipelines.commands import validate_command
from pipelines.validation import stage
from pipelines.validation.result import Validation
from pipelines.validation.sample import read_sample
from pipelines.workspace.resources import Resources
from tests.data_contracts.broken import LEADS, MANIFEST, changed, sound, write

BROKEN = "ada@example.com"


def validated(dataset: Dataset, directory: Path, **options: Any) -> Validation:
    return stage.validate_dataset(dataset, directory, resources=Resources(2, 10**9), **options)


def read_validation(directory: Path) -> Validation:
    return Validation.model_validate_json((directory / "validation.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose data checks pass."""
    workspace = tmp_path_factory.mktemp("good")
    validated(write(workspace / "tables", sound()), workspace / "validation")
    return workspace


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose leads hold a value that no contract allows, and too few of whose leads are won."""
    workspace = tmp_path_factory.mktemp("bad")
    rows = changed("leads", "email_kind", [BROKEN])
    for deal in rows["deals"][:92]:
        deal["outcome"] = "lost"
    validated(write(workspace / "tables", rows), workspace / "validation")
    return workspace


def test_sound_data_will_do(good: Path) -> None:
    validation = read_validation(good / "validation")
    assert (validation.passed, validation.errors, validation.warnings) == (True, 0, 0)
    assert {table: each.rows for table, each in validation.tables.items()} == {
        "leads": LEADS,
        "accounts": LEADS,
        "activities": LEADS,
        "deals": LEADS,
        "dispositions": LEADS,
        "changes": LEADS + 1,
    }
    validation.require()


def test_every_claim_is_made_once(good: Path) -> None:
    claims = [(each.table, each.name) for each in read_validation(good / "validation").findings]
    assert len(set(claims)) == len(claims)
    assert ("leads", "lead_id is unique") in claims
    assert ("leads", "lead_id is given") in claims
    assert ("leads", "visits holds numbers") in claims


def test_errors_come_first_and_are_raised_by_name(bad: Path) -> None:
    validation = read_validation(bad / "validation")
    assert not validation.passed
    assert [(each.table, each.name) for each in validation.findings[:2]] == [
        ("leads", "email_kind is business, free, disposable, education or none"),
        ("deals", "enough leads are won"),
    ]
    with pytest.raises(DataFallsShort, match=r"leads: email_kind is .* \(1 of 100 rows breaks this\); deals: enough"):
        validation.require()


def test_the_pages_fetch_nothing_and_run_nothing(bad: Path) -> None:
    pages = sorted((bad / "validation" / "data_docs").iterdir())
    assert [page.stem for page in pages] == sorted([*TABLES, "index"])
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "http" not in html
        assert not re.search(r"<script|<link|<img|url\(|@import", html)
        for target in re.findall(r'href="([^"#]+)"', html):
            assert (page.parent / target).exists()


def test_the_pages_tell_every_finding(bad: Path) -> None:
    docs = bad / "validation" / "data_docs"
    index = (docs / "index.html").read_text(encoding="utf-8")
    assert "Data checks failed." in index
    assert "2 errors and 0 warnings" in index
    for finding in read_validation(bad / "validation").findings:
        assert finding.name in index
    leads = (docs / "leads.html").read_text(encoding="utf-8")
    assert "leads: 1 of " in leads
    assert "1 of 100 rows breaks this; expected: business" in leads
    assert all(
        finding.name in leads for finding in read_validation(bad / "validation").findings if finding.table == "leads"
    )


def test_no_value_of_the_data_is_left_in_what_is_written(bad: Path) -> None:
    written = [path for path in (bad / "validation").rglob("*") if path.is_file()]
    assert len(written) == 8
    assert all(BROKEN not in path.read_text(encoding="utf-8") for path in written)


def test_nothing_is_written_outside_the_validation_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(elsewhere))
    dataset = write(tmp_path / "tables", sound())
    before = sorted(dataset.directory.iterdir())
    validated(dataset, tmp_path / "validation")
    assert sorted(dataset.directory.iterdir()) == before
    assert list(elsewhere.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "tables", "validation"]


def test_an_earlier_result_stays_where_validation_cannot_run(tmp_path: Path) -> None:
    dataset = write(tmp_path / "tables", sound())
    before = validated(dataset, tmp_path / "validation")
    dataset.path("deals").write_bytes(b"PAR1 no more")
    with pytest.raises(FileError, match=r"deals\.parquet"):
        validated(dataset, tmp_path / "validation")
    assert read_validation(tmp_path / "validation") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tables", "validation"]


def test_a_sample_is_said_to_be_one_while_checks_see_every_row(tmp_path: Path) -> None:
    rows = sound()
    rows["leads"].append(rows["leads"][4])
    dataset = write(tmp_path / "tables", rows)
    validation = validated(dataset, tmp_path / "validation", sample_rows=10)
    assert validation.tables["leads"].sampled
    assert validation.tables["leads"].sampled_rows == 10
    (duplicate,) = validation.broken()
    assert duplicate.found == f"2 of {LEADS + 1} rows break this"
    assert "a sample of 10 rows" in (tmp_path / "validation/data_docs/index.html").read_text(encoding="utf-8")


def test_a_sample_keeps_the_order_and_follows_its_seed(tmp_path: Path) -> None:
    path = write(tmp_path, sound()).path("leads")
    pq.write_table(pq.read_table(path), path, row_group_size=7)
    whole = read_sample(path, LEADS, 0)
    assert list(whole["lead_id"]) == [f"L{i}" for i in range(LEADS)]
    first, again, other = (read_sample(path, 20, seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert list(first.dtypes) == list(whole.dtypes)
    places = first["order"].to_numpy()
    assert len(places) == 20
    assert (np.diff(places) > 0).all()


def test_progress_only_grows(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    dataset = write(tmp_path / "tables", sound())
    validated(dataset, tmp_path / "validation", on_progress=lambda *told: heard.append(told))
    shares = [share for _message, share in heard]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert any("expectations of activities" in message for message, _share in heard)


def run(workspace: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    validate_command.command(workspace, **options)
    return capsys.readouterr().out


def test_the_command_prints_a_table_that_a_person_can_read(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(good, capsys)
    assert "What was checked" in shown
    assert all(table in shown for table in TABLES)
    assert "Failed checks" not in shown
    assert "Data checks passed. 0 errors, 0 warnings." in shown
    assert str(good / "validation" / "data_docs" / "index.html") in shown
    assert f"Next: whylead features --workspace {good}" in shown


def test_the_command_prints_what_falls_short_before_it_fails(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataFallsShort, match="Data checks failed") as raised:
        run(bad, capsys)
    shown = capsys.readouterr().out
    assert raised.value.exit_code == 1
    assert "Failed checks" in shown
    assert "enough leads are won" in shown
    assert "4 leads won; the deals say" in shown
    assert "For example L0." in shown
    assert "Data checks failed. 2 errors, 0 warnings." in shown
    assert BROKEN not in shown


def test_warnings_do_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "tables", sound(), MANIFEST.model_copy(update={"order": "none"}))
    assert "Data checks passed. 0 errors, 1 warning." in run(tmp_path, capsys)


def test_json_is_one_object_that_reads_back(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataFallsShort, match="Data checks failed"):
        run(bad, capsys, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed["passed"] is False
    assert Validation.model_validate(printed) == read_validation(bad / "validation")


def test_tables_that_were_never_imported_are_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"holds no imported tables.*whylead import"):
        validate_command.command(tmp_path)


def test_pages_and_terminal_speak_the_language(bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(bad / "tables", tmp_path / "tables")
    with pytest.raises(DataFallsShort, match="Data checks failed"):
        run(tmp_path, capsys, language="es")
    shown = " ".join(capsys.readouterr().out.split())
    assert "Los datos no superan las comprobaciones. 2 errores, 0 avisos." in shown
    assert "hay bastantes contactos ganados" in shown
    index = (tmp_path / "validation/data_docs/index.html").read_text(encoding="utf-8")
    assert "hay bastantes contactos ganados" in index
    assert 'lang="en"' not in index
