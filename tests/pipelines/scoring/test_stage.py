import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from data_contracts.dataset import Dataset, SnapshotRule
from data_contracts.errors import ArtifactError, DataFallsShort, FileError, ParamsError
from features.arrays import DAY
from models.scorer import Scorer
from models.storage.artifact import load_artifact, save_artifact
from pipelines.commands.score_command import command
from pipelines.registry.model_source import open_model
from pipelines.scoring.moments import moments_of_leads, parse_as_of
from pipelines.scoring.scores_table import check_rows, write_for_people
from pipelines.scoring.stage import score_dataset
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace
from tests.features.requests import moments_of, records_of
from tests.models.small_artifact import ATTRIBUTES, LEADS, NOW, artifact, requests
from tests.pipelines.small_tables import write_table, write_tables

MAPPING = """
name: people
description: Two people
sources:
  people: {file: people.csv}
order: none
horizon_days: until_closed
tables:
  leads:
    from: people
    columns: {lead_id: Key}
    attributes:
      rooms: {column: Rooms, type: numeric, known_at: created, label: rooms}
"""
AS_OF = datetime.fromtimestamp(NOW / 1e6, UTC)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_tables(tmp_path_factory.mktemp("company") / "tables", requests(), ATTRIBUTES)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory, one = tmp_path_factory.mktemp("model") / "model", artifact()
    save_artifact(directory, model=one.model, view=one.view, agreement=one.agreement, reference=one.reference, facts={})
    return directory


def test_a_batch_row_equals_the_live_request_bit_for_bit(dataset: Dataset, tmp_path: Path) -> None:
    score_dataset(artifact(), dataset, tmp_path / "scores.parquet", as_of=AS_OF)
    batch = pq.read_table(tmp_path / "scores.parquet").to_pylist()
    live = Scorer(artifact()).score(records_of(requests()), np.arange(LEADS), moments_of(requests())).rows()
    assert [row["lead_id"] for row in batch] == [score.lead_id for score in live]
    for row, score in zip(batch, live, strict=True):
        for name in ("probability", "score", "grade", "stage", "stage_reason", "base_probability"):
            assert row[name] == getattr(score, name)
        assert [reason["text"] for reason in row["reasons"]] == [reason.text for reason in score.reasons]
        assert (row["low"], row["high"]) == (score.low, score.high)
        assert {name: row[name] for name in ("fit", "interest", "intent")} == score.dimensions


def test_chunks_and_threads_do_not_change_the_scores(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_dataset(artifact(), dataset, tmp_path / "whole.parquet", resources=Resources(1, 10**9))
    monkeypatch.setattr("pipelines.scoring.stage.AT_ONCE", 37)
    score_dataset(artifact(), dataset, tmp_path / "parts.parquet", resources=Resources(3, 10**8))
    assert pq.read_table(tmp_path / "whole.parquet").equals(pq.read_table(tmp_path / "parts.parquet"))


def test_without_reasons_the_probabilities_stay_and_the_explanation_goes(dataset: Dataset, tmp_path: Path) -> None:
    score_dataset(artifact(), dataset, tmp_path / "with.parquet")
    score_dataset(artifact(), dataset, tmp_path / "without.parquet", reasons=None)
    names = [
        "lead_id", "deal_outcome", "probability", "low", "high", "score", "grade", "stage", "stage_reason",
        "stage_text", "as_of", "model_version",
    ]  # fmt: skip
    without = pq.read_table(tmp_path / "without.parquet")
    assert without.column_names == names
    assert pq.read_table(tmp_path / "with.parquet", columns=names).equals(without)


def test_the_summary_counts_every_lead_once(dataset: Dataset, tmp_path: Path) -> None:
    scoring = score_dataset(artifact(), dataset, tmp_path / "scores.parquet", reasons=None)
    assert scoring.rows == LEADS == sum(scoring.grades.values()) == sum(scoring.stages.values())
    assert scoring.mean_probability == pytest.approx(
        np.mean(pq.read_table(tmp_path / "scores.parquet")["probability"].to_numpy())
    )


def test_leads_that_come_later_are_left_out(dataset: Dataset, tmp_path: Path) -> None:
    early = datetime.fromtimestamp((NOW - 30 * DAY) / 1e6, UTC)
    scoring = score_dataset(artifact(), dataset, tmp_path / "scores.parquet", as_of=early, reasons=None)
    created = [request["lead"]["created_at"] for request in requests()]
    assert scoring.rows == sum(at < NOW - 30 * DAY for at in created)
    assert scoring.left_out == LEADS - scoring.rows


def with_deals(tmp_path: Path, deals: Sequence[tuple[str, str, int | None]], **manifest: Any) -> Dataset:
    """The small company with deals: lead, outcome, when it closed."""
    dataset = write_tables(tmp_path / "tables", requests(), ATTRIBUTES, **manifest)
    rows = [
        {"deal_id": f"D{number}", "lead_id": lead, "outcome": outcome, "closed_at": at}
        for number, (lead, outcome, at) in enumerate(deals)
    ]
    write_table(dataset.directory, "deals", rows)
    return dataset


def outcomes(path: Path) -> dict[str, str]:
    table = pq.read_table(path)
    return dict(zip(table["lead_id"].to_pylist(), table["deal_outcome"].to_pylist(), strict=True))


def test_decided_leads_are_left_out_of_the_ranking_unless_they_are_asked_for(tmp_path: Path) -> None:
    day = NOW - DAY
    deals = [
        ("L0", "won", day), ("L1", "lost", day), ("L2", "open", None), ("L3", "lost", day), ("L3", "open", None),
        ("L4", "won", day), ("L4", "open", None), ("L5", "won", None), ("L6", "won", NOW + DAY),
    ]  # fmt: skip
    dataset, out = with_deals(tmp_path, deals), tmp_path / "scores.parquet"
    scoring = score_dataset(artifact(), dataset, out, as_of=AS_OF, reasons=None)
    assert scoring.closed == {"won": 3, "lost": 1}
    assert scoring.rows == LEADS - 4
    assert set(outcomes(out).values()) == {"open"}
    assert outcomes(out).keys() & {"L0", "L1", "L2", "L3", "L4", "L5", "L6"} == {"L2", "L3", "L6"}

    everyone = score_dataset(artifact(), dataset, out, as_of=AS_OF, reasons=None, include_closed=True)
    assert (everyone.rows, everyone.closed) == (LEADS, {})
    found = outcomes(out)
    assert [found[f"L{number}"] for number in range(7)] == ["won", "lost", "open", "open", "won", "won", "open"]


def test_of_undated_data_those_without_an_outcome_are_ranked(tmp_path: Path) -> None:
    dataset = with_deals(tmp_path, [("L0", "won", None), ("L1", "lost", None)], data_cutoff=None)
    dataset.manifest.order = "none"
    assert score_dataset(artifact(), dataset, tmp_path / "s.parquet", reasons=None).rows == LEADS - 2
    assert pq.read_table(tmp_path / "s.parquet")["as_of"].null_count == LEADS - 2


def test_where_every_lead_is_decided_the_way_out_is_named(tmp_path: Path) -> None:
    dataset = with_deals(tmp_path, [(f"L{number}", "won" if number % 4 else "lost", None) for number in range(LEADS)])
    with pytest.raises(DataFallsShort, match=r"Of 400 leads none is open: 300 won and 100 lost.*--include-closed"):
        score_dataset(artifact(), dataset, tmp_path / "scores.parquet")


def test_each_row_says_of_when_it_is_and_by_which_model(dataset: Dataset, model: Path, tmp_path: Path) -> None:
    scoring = score_dataset(load_artifact(model), dataset, tmp_path / "scores.parquet", as_of=AS_OF, reasons=None)
    table = pq.read_table(tmp_path / "scores.parquet")
    assert set(table["as_of"].to_pylist()) == {AS_OF}
    assert set(table["model_version"].to_pylist()) == {scoring.model_version} == {load_artifact(model).version}


def test_a_moment_long_after_the_data_is_warned_of(dataset: Dataset, tmp_path: Path) -> None:
    scoring = score_dataset(artifact(), dataset, tmp_path / "scores.parquet", as_of=AS_OF + timedelta(days=400))
    assert re.match(r"The data end on \d{4}-\d\d-\d\d: of the 4\d\d days from then to --as-of", scoring.warnings[0])


def test_a_lead_of_a_time_to_come_does_not_move_the_moment_of_the_others(tmp_path: Path) -> None:
    cutoff = datetime(2999, 1, 1, tzinfo=UTC)
    dataset = write_tables(tmp_path / "tables", requests(), ATTRIBUTES, data_cutoff=cutoff)
    scoring = score_dataset(artifact(), dataset, tmp_path / "scores.parquet", reasons=None)
    assert datetime.fromisoformat(str(scoring.as_of)) <= datetime.now(UTC)
    assert "2999-01-01, which is yet to come" in scoring.warnings[0]


def test_before_the_first_lead_there_is_nothing_to_score(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataFallsShort, match=r"Of 400 leads none existed"):
        score_dataset(artifact(), dataset, tmp_path / "scores.parquet", as_of=datetime(1999, 1, 1, tzinfo=UTC))
    assert list(tmp_path.iterdir()) == []


def test_without_a_moment_all_that_happened_counts(dataset: Dataset) -> None:
    with Tables(dataset) as tables:
        assert moments_of_leads(tables, None).at.min() == tables.records().lead_events.at.max() + 1


def test_undated_data_are_scored_at_no_time_and_refuse_a_moment(tmp_path: Path) -> None:
    undated = write_tables(tmp_path / "tables", requests(), ATTRIBUTES, data_cutoff=None)
    undated.manifest.order = "none"
    with Tables(undated) as tables:
        assert moments_of_leads(tables, None).as_of is None
        with pytest.raises(ParamsError, match=r"no dates"):
            moments_of_leads(tables, AS_OF)


def test_leads_are_scored_at_the_activity_that_the_mapping_names(tmp_path: Path) -> None:
    rule = SnapshotRule(at="first_activity", types=("demo_request",))
    dataset = write_tables(tmp_path / "tables", requests(), ATTRIBUTES, snapshot=rule)
    with Tables(dataset) as tables:
        moments = moments_of_leads(tables, None)
    for lead, request in enumerate(requests()):
        asked = [each["occurred_at"] for each in request["activities"] if each["type"] == "demo_request"]
        assert moments.at[lead] == (min(asked) if asked else moments.at.max())


def test_an_out_that_is_a_directory_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"is a directory"):
        score_dataset(artifact(), dataset, tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T09:00:00+02:00", datetime(2026, 1, 31, 7, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_utc(text: str, expected: datetime) -> None:
    assert parse_as_of(text) == expected


def test_a_moment_that_is_none_is_named() -> None:
    with pytest.raises(ParamsError, match=r"--as-of: 'yesterday' is not a date"):
        parse_as_of("yesterday")


def test_the_model_of_a_workspace_is_its_champion_else_the_last_trained(model: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(ArtifactError, match=r"holds no model.*whylead train"):
        open_model(None, workspace)
    workspace.model.symlink_to(model)
    assert open_model(None, workspace).checksum == open_model(str(model), workspace).checksum


def run_score(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_the_command_writes_scores_and_says_what_it_did(dataset: Dataset, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    workspace = dataset.directory.parent
    result = run_score("--model", model, "--workspace", workspace, "--out", out, "--language", "es")
    assert result.exit_code == 0, result.output
    assert "400 contactos puntuados a fecha de" in result.output
    assert "Calificación" in result.output
    assert any("puntos" in reason["text"] for reason in pq.read_table(out)["reasons"][0].as_py())


def test_the_command_reports_as_json(dataset: Dataset, model: Path, tmp_path: Path) -> None:
    result = run_score(
        "--model", model, "-w", dataset.directory.parent, "-o", tmp_path / "s.parquet", "--no-reasons", "--json"
    )  # fmt: skip
    assert json.loads(result.stdout)["rows"] == LEADS


def test_the_command_imports_an_export_for_this_one_use(model: Path, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "people.csv").write_text("Key,Rooms\nL1,6\nL2,1\n")
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    out = tmp_path / "scores.parquet"
    result = run_score(
        "--model", model, "--source", tmp_path / "export", "--mapping", tmp_path / "mapping.yaml", "--out", out
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    likely = dict(zip(*(pq.read_table(out)[name].to_pylist() for name in ("lead_id", "probability")), strict=True))
    assert likely["L1"] > likely["L2"]
    assert {path.name for path in tmp_path.iterdir()} == {"export", "mapping.yaml", "scores.parquet"}


def test_the_command_refuses_a_memory_that_is_no_size(dataset: Dataset, model: Path, tmp_path: Path) -> None:
    result = run_score(
        "--model", model, "-w", dataset.directory.parent, "-o", tmp_path / "s.parquet", "--memory", "much"
    )  # fmt: skip
    assert isinstance(result.exception, ParamsError)
    assert "--memory: 'much' is not a size" in str(result.exception)


def test_the_command_refuses_a_source_without_a_mapping(model: Path, tmp_path: Path) -> None:
    result = run_score("--model", model, "--source", tmp_path, "--out", tmp_path / "x.parquet")
    assert isinstance(result.exception, ParamsError)
    assert "--source and --mapping go together" in str(result.exception)


@pytest.mark.parametrize(
    ("name", "read"), [("scores.csv", pd.read_csv), ("scores.xlsx", partial(pd.read_excel, engine="calamine"))]
)
def test_people_get_the_same_scores(
    name: str, read: Callable[[Path], pd.DataFrame], dataset: Dataset, tmp_path: Path
) -> None:
    for each in ("scores.parquet", name):
        score_dataset(artifact(), dataset, tmp_path / each)
    table, frame = pq.read_table(tmp_path / "scores.parquet"), read(tmp_path / name)
    assert frame["probability"].is_monotonic_decreasing
    table = table.take(np.argsort(-table["probability"].to_numpy(), kind="stable"))
    assert list(frame.columns) == table.column_names
    assert frame["lead_id"].tolist() == table["lead_id"].to_pylist()
    assert frame["stage"].tolist() == table["stage"].to_pylist()
    assert frame["probability"].tolist() == pytest.approx(table["probability"].to_pylist(), abs=1e-12)
    later = pd.to_datetime(frame["as_of"], utc=True) - table["as_of"].to_pandas()
    assert later.abs().max() <= timedelta(milliseconds=1)  # which Excel's numbers of days hold
    assert frame["reasons"][0] == " | ".join(reason["text"] for reason in table["reasons"][0].as_py())
    assert {each.name for each in tmp_path.iterdir()} == {"scores.parquet", name}


def test_a_text_that_begins_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "scores.xlsx"
    as_of = pd.DatetimeIndex(["2026-01-01T00:00:00Z", "NaT"])
    pd.DataFrame({"lead_id": ["=1+1", "https://example.com"], "as_of": as_of, "probability": [0.9, 0.1]}).to_parquet(
        path
    )
    write_for_people(path, ".xlsx")
    sheet = openpyxl.load_workbook(path).active
    assert [(cell.value, cell.data_type) for cell in sheet["A"]] == [
        ("lead_id", "s"), ("=1+1", "s"), ("https://example.com", "s"),
    ]  # fmt: skip
    assert sheet["B3"].value is None


def test_a_sheet_that_would_end_before_the_leads_is_refused(tmp_path: Path) -> None:
    check_rows(tmp_path / "scores.xlsx", 1_048_575)
    check_rows(tmp_path / "scores.csv", 1_048_576)
    with pytest.raises(FileError, match="1,048,576 leads to score, and a sheet holds 1,048,575"):
        check_rows(tmp_path / "scores.xlsx", 1_048_576)


def test_an_ending_of_another_kind_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"not written as \.ods.*\.xlsx for Excel, or \.csv"):
        score_dataset(artifact(), dataset, tmp_path / "scores.ods")
