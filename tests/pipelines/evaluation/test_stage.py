import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from sklearn.metrics import log_loss, roc_auc_score

from data_contracts.errors import AgreementError, DataFallsShort, FileError, InputError
from features.feature import LANGUAGES, Language
from models.evaluation.metrics import METRICS
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.stage import evaluate_model
from pipelines.evaluation.terminal import show_evaluation
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.pages.texts import texts_in
from pipelines.workspace.params import EvaluateParams
from pipelines.workspace.workspace import Workspace
from tests.models.small_artifact import artifact
from tests.pipelines.small_workspace import trained_workspace

PARAMS = EvaluateParams(bootstrap=50)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return trained_workspace(tmp_path_factory.mktemp("evaluated"))


@pytest.fixture(scope="module")
def test_rows(workspace: Workspace) -> Matrix:
    return read_matrix(workspace.features).rows("test")


@pytest.fixture(scope="module")
def truth(workspace: Workspace, test_rows: Matrix) -> Path:
    path = workspace.root / "probabilities.parquet"
    table = test_rows.snapshots[["lead_id", "snapshot_at", "age_days"]]
    table.assign(probability=artifact().model.probability(test_rows.X)).to_parquet(path)
    return path


@pytest.fixture(scope="module")
def evaluation(workspace: Workspace, truth: Path) -> Evaluation:
    return evaluate_model(workspace, PARAMS, truth)


def test_all_files_are_written_and_nothing_else_is_left(workspace: Workspace, evaluation: Evaluation) -> None:
    tables = {"reliability.csv", "gains.csv", "lift.csv", "segments.csv", "base_rate.csv"}
    tables |= {"roc.csv", "precision_recall.csv", "spread.csv"}
    assert {path.name for path in workspace.evaluation.iterdir()} == {"metrics.json", "report.html", *tables}
    assert not [path.name for path in workspace.root.iterdir() if path.name.startswith(".")]


def test_metrics_are_those_of_the_artifact_on_the_test_rows(test_rows: Matrix, evaluation: Evaluation) -> None:
    p = artifact().model.probability(test_rows.X)
    metrics = evaluation.model.metrics
    assert metrics["roc_auc"].value == pytest.approx(roc_auc_score(test_rows.y, p))
    assert metrics["log_loss"].value == pytest.approx(log_loss(test_rows.y, p))


def test_the_four_baselines_stand_beside_the_model_with_the_same_metrics(evaluation: Evaluation) -> None:
    found = evaluation.to_json()
    assert set(found["baselines"]) == {"base_rate", "naive_bayes", "logistic_regression", "scorecard"}
    for metrics in (found["test"], *found["baselines"].values()):
        assert tuple(metrics) == METRICS
        assert all(each["low"] <= each["value"] <= each["high"] for each in metrics.values())


def test_the_base_rate_is_that_of_the_leads_learned_from(workspace: Workspace, evaluation: Evaluation) -> None:
    learned = read_matrix(workspace.features).rows("train")
    test = read_matrix(workspace.features).rows("test")
    expected = log_loss(test.y, np.full(len(test.y), learned.y.mean()))
    assert evaluation.base_rate.metrics["log_loss"].value == pytest.approx(expected)


def test_metrics_json_is_what_run_prints(workspace: Workspace, evaluation: Evaluation) -> None:
    stored = json.loads((workspace.evaluation / "metrics.json").read_text())
    assert stored == json.loads(json.dumps(evaluation.to_json()))
    assert {"rows", "positives", "split", "test", "baselines", "skill", "truth"} <= set(stored)


def test_the_report_names_quarantined_columns_and_what_was_tested(workspace: Workspace, evaluation: Evaluation) -> None:
    html = (workspace.evaluation / "report.html").read_text()
    assert evaluation.verdict in html
    assert "leads.status: its value alone tells the outcome" in html
    assert "a deal won within 90 days" in html
    assert "200 (400 snapshots)" in html


def test_a_model_that_knows_the_truth_reaches_all_of_it(evaluation: Evaluation) -> None:
    assert evaluation.truth is not None
    assert evaluation.truth.ratio == pytest.approx(1.0)
    assert evaluation.truth.mean_absolute_error == pytest.approx(0.0, abs=1e-12)


def test_the_terminal_shows_every_contender(evaluation: Evaluation) -> None:
    console = Console(record=True, width=100, file=None, quiet=False)
    with console.capture() as capture:
        show_evaluation(console, evaluation)
    shown = capture.get()
    assert evaluation.verdict[:40] in shown
    assert f"{evaluation.model.metrics['log_loss'].value:.4f}" in shown
    for name in ("This model", "Base rate", "Naive", "Logistic", "Points by"):
        assert name in shown


def test_the_same_input_gives_the_same_files(workspace: Workspace, truth: Path, evaluation: Evaluation) -> None:
    before = {path.name: path.read_bytes() for path in workspace.evaluation.iterdir()}
    evaluate_model(workspace, PARAMS, truth)
    assert {path.name: path.read_bytes() for path in workspace.evaluation.iterdir()} == before


def test_leads_of_one_outcome_cannot_be_measured(tmp_path: Path) -> None:
    workspace = trained_workspace(tmp_path)
    matrix = read_matrix(workspace.features)
    matrix.snapshots.loc[matrix.snapshots["part"] == "test", "label"] = 1
    with pytest.raises(DataFallsShort, match="The 400 labelled test snapshots are all won"):
        evaluate_model(workspace, PARAMS, matrix=matrix)
    assert not workspace.evaluation.exists()


def test_a_wrong_truth_is_refused_and_leaves_the_last_report(workspace: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    table = pd.DataFrame(
        {"lead_id": ["x"], "snapshot_at": pd.to_datetime(["2020-01-01"], utc=True), "probability": 0.1}
    )
    table.to_parquet(other)
    with pytest.raises(InputError, match="Of 400 test snapshots none"):
        evaluate_model(workspace, PARAMS, other)
    with pytest.raises(FileError, match=r"missing\.parquet does not exist"):
        evaluate_model(workspace, PARAMS, tmp_path / "missing.parquet")
    assert (workspace.evaluation / "report.html").exists()


def test_own_points_are_compared_with_and_named(tmp_path: Path) -> None:
    workspace = trained_workspace(tmp_path)
    path = tmp_path / "points.yaml"
    path.write_text(
        "name: ours <2026>\nrules:\n"
        "  - {rule: free e-mail, field: email_kind, is: free, points: -10}\n"
        "  - {rule: came to the fair, activity: fair_visit, points: 10}\n"
    )
    params = EvaluateParams(bootstrap=10)
    own = evaluate_model(workspace, params, scorecard=path)
    assert own.warnings[-1] == (
        "The scorecard's rule 'came to the fair' gives no points: the features hold no 'fair_visit'."
    )
    assert "Points by hand (ours &lt;2026&gt;)" in (workspace.evaluation / "report.html").read_text("utf-8")
    assert "ours &lt;2026&gt; (file points.yaml)" in (workspace.evaluation / "report.html").read_text("utf-8")
    usual = evaluate_model(workspace, params)
    assert (usual.about.scorecard, usual.about.scorecard_file) == ("default", "")
    points = [next(each for each in which.baselines if each.name == "scorecard") for which in (own, usual)]
    assert points[0].metrics["log_loss"] != points[1].metrics["log_loss"]


def test_a_mistake_in_own_points_is_named_with_its_line(tmp_path: Path) -> None:
    workspace = trained_workspace(tmp_path)
    (tmp_path / "points.yaml").write_text(
        "name: ours\nrules:\n  - {rule: free, feild: email_kind, is: free, points: 1}\n"
    )
    with pytest.raises(AgreementError, match=r"points\.yaml, line 3"):
        evaluate_model(workspace, EvaluateParams(bootstrap=10), scorecard=tmp_path / "points.yaml")


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "contactos de prueba, compró el"), ("it", "contatti di prova, ha acquistato il"), ("en", "test leads")],
)
def test_the_terminal_speaks_the_language_with_intervals_as_the_report_has_them(
    evaluation: Evaluation, language: Language, said: str
) -> None:
    console, say = Console(width=200), texts_in(language)
    with console.capture() as capture:
        show_evaluation(console, evaluation, say)
    shown = capture.get()
    assert said in shown
    assert evaluation.verdict_in(say)[:40] in shown
    assert say.interval(evaluation.model.metrics["log_loss"], 4) in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_eighty_columns_hold_every_word_and_number(evaluation: Evaluation, language: Language) -> None:
    console, say = Console(width=80), texts_in(language)
    with console.capture() as capture:
        show_evaluation(console, evaluation, say)
    shown = capture.get()
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    lift = evaluation.model.metrics["lift_at_10"]
    assert {say.number(each, 2) for each in (lift.value, lift.low, lift.high)} <= set(shown.split())
