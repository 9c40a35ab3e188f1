import html
import json
import re
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.dataset import Dataset
from models.explanation.reasons import Reasons
from models.scorer import Scorer
from models.storage.artifact import load_artifact
from pipelines.scoring.moments import moments_of_leads
from pipelines.tables.tables import Tables
from pipelines.workspace.workspace import Workspace
from tests.end_to_end.conftest import FinishedRun, whylead, without_network

METRICS = {"roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_at_10"}
STAGES = ["import", "validate", "features", "train", "evaluate", "explain", "register"]

pytestmark = pytest.mark.slow


def test_run_prints_one_json_object_with_every_metric_in_its_interval(finished_run: FinishedRun) -> None:
    summary = finished_run.summary
    for measured in (summary["test"], *summary["baselines"].values()):
        assert set(measured) == METRICS
        for estimate in measured.values():
            assert estimate["low"] <= estimate["value"] <= estimate["high"]
    assert len(summary["baselines"]) == 4
    assert list(summary["seconds"]) == STAGES
    assert summary["rows"] > summary["positives"] > 0


def test_a_run_asks_for_no_other_machine(finished_run: FinishedRun) -> None:
    assert finished_run.asked_for == []
    with without_network() as asked_for:
        for host in ("example.org", "192.0.2.1"):
            with pytest.raises(OSError, match="no network"):
                socket.create_connection((host, 80), timeout=1)
    assert asked_for == ["example.org", "192.0.2.1"]


def test_model_beats_every_baseline_on_the_same_test_leads(finished_run: FinishedRun) -> None:
    for name, baseline in finished_run.summary["baselines"].items():
        assert finished_run.summary["test"]["log_loss"]["value"] < baseline["log_loss"]["value"], name


def test_columns_written_after_the_outcome_are_quarantined(finished_run: FinishedRun) -> None:
    found = {column.split(".")[-1] for column in finished_run.summary["quarantined"]}
    assert found == {"lifecycle_stage", "onboarding_owner", "last_note_code"}


def test_run_leaves_what_the_documents_promise(finished_run: FinishedRun) -> None:
    workspace = finished_run.workspace
    for path in (
        workspace.evaluation / "report.html",
        workspace.evaluation / "metrics.json",
        workspace.explanation / "importance.html",
        workspace.explanation / "shap.parquet",
        workspace.explanation / "beeswarm.png",
        workspace.explanation / "bar.png",
        workspace.validation / "data_docs" / "index.html",
        workspace.champion / "manifest.json",
    ):
        assert path.stat().st_size > 0, path


def test_no_address_name_or_number_of_a_contact_is_in_any_file(finished_run: FinishedRun) -> None:
    contacts = pd.read_parquet(finished_run.workspace.source / "contacts.parquet")
    secrets = [text.encode() for text in contacts["email"].dropna().head(200)]
    secrets += [text.encode() for text in contacts["phone"].dropna().head(200)]
    root = finished_run.workspace.root
    written = [path for path in root.rglob("*") if path.is_file() and root / "source" not in path.parents]
    assert len(written) > 30
    for path in written:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content], path


def test_explaining_a_lead_prints_reasons_and_writes_its_page(finished_run: FinishedRun, tmp_path: Path) -> None:
    lead = pd.read_parquet(finished_run.workspace.features / "snapshots.parquet")["lead_id"].iloc[-1]
    page = tmp_path / "lead.html"
    told = whylead("explain", "-w", str(finished_run.workspace.root), "--lead", lead, "--out", str(page), "--json")
    answer = json.loads(told)
    assert answer["lead_id"] == lead
    assert answer["reasons"]
    sentence = answer["reasons"][0]["text"].rpartition(" (")[0]
    assert html.escape(sentence) in page.read_text(encoding="utf-8")


def test_what_is_said_of_a_lead_outweighs_what_is_not(finished_run: FinishedRun, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    whylead("score", "-w", str(finished_run.workspace.root), "--out", str(out))
    scores = pd.read_parquet(out)
    least = scores["reasons"].map(lambda reasons: min(abs(reason["points"]) for reason in reasons))
    assert (scores["rest"].abs() < least).mean() >= 0.9
    told = scores["reasons"].map(lambda reasons: sum(reason["points"] for reason in reasons))
    assert ((told + scores["rest"]) - (scores["probability"] - scores["base_probability"])).abs().max() < 1e-9


def test_no_reason_is_a_number_that_says_nothing(finished_run: FinishedRun) -> None:
    artifact = load_artifact(finished_run.workspace.champion)
    with Tables(Dataset(finished_run.workspace.tables)) as tables:
        moments = moments_of_leads(tables, None)
        scores = Scorer(artifact).score(tables.records(moments.lead_index), moments.lead_index, moments.at)
    assert scores.explanation is not None
    most = np.full(len(scores.X), 8)
    strong = Reasons(artifact.view.features).strongest(
        scores.X, scores.explanation.log_odds, scores.explanation.points, most
    )
    spoken = {artifact.view.features[column].name for column in np.unique(strong.speaker[strong.chosen >= 0])}
    assert len(spoken) > 30
    silent = r"crm_points|decayed|trend|types|\.sum|relative_recency|_hour|snapshot_weekday"
    assert [name for name in sorted(spoken) if re.search(silent, name)] == []


def test_an_unknown_lead_is_wrong_input(finished_run: FinishedRun, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        whylead("explain", "-w", str(finished_run.workspace.root), "--lead", "C000000x")
    assert ended.value.code == 2
    assert "Did you mean" in capsys.readouterr().err


def test_doctor_finds_nothing_missing_after_a_run(finished_run: FinishedRun) -> None:
    findings = json.loads(whylead("doctor", "-w", str(finished_run.workspace.root), "--json"))
    assert {finding["state"] for finding in findings} == {"fine"}


def test_doctor_says_what_an_empty_workspace_has_not_yet(tmp_path: Path) -> None:
    findings = json.loads(whylead("doctor", "-w", str(Workspace(tmp_path).root), "--json"))
    waiting = {finding["name"]: finding["todo"] for finding in findings if finding["state"] == "not yet"}
    assert set(waiting) == {"tables", "features", "trained model", "tracking store", "run", "evaluation", "champion"}
    assert all(waiting.values())
