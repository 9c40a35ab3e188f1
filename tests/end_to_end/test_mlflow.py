import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from data_contracts.dataset import Dataset
from data_contracts.errors import RegistryError
from features.ranking import roc_auc
from models.storage.artifact import load_artifact
from models.storage.manifest import checksum_in
from models.storage.registry import connect, fetch_artifact, find_version, tracking_uri
from pipelines.featurization.matrix import read_matrix
from pipelines.registry.registration import promote, register_model
from pipelines.registry.run import Run, read_run, write_run
from pipelines.training.stage import train_model
from pipelines.workspace.params import TrainParams
from tests.end_to_end.bodies import Bodies
from tests.end_to_end.conftest import FinishedRun, whylead

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_a_training_is_one_run_with_everything_in_it(finished_run: FinishedRun) -> None:
    with connect(finished_run.workspace.root) as client:
        run = client.get_run(finished_run.summary["run_id"])
    assert run.info.status == "FINISHED"
    assert run.data.params["train.budget_seconds"] == "0.0"
    assert run.data.metrics["test.roc_auc.value"] == finished_run.summary["test"]["roc_auc"]["value"]
    assert {inputs.dataset.name for inputs in run.inputs.dataset_inputs} >= {"train", "calibrate", "test"}
    folders = {entry.path for entry in client.list_artifacts(run.info.run_id)}
    assert {"evaluation", "explanation", "card.md", "training.json"} <= folders
    logged = {entry.path for entry in client.list_artifacts(run.info.run_id, "explanation")}
    assert {"explanation/shap.parquet", "explanation/beeswarm.png", "explanation/importance.html"} <= logged


def test_a_run_and_its_version_tell_what_they_are(finished_run: FinishedRun) -> None:
    with connect(finished_run.workspace.root) as client:
        run = client.get_run(finished_run.summary["run_id"])
        version = client.get_model_version_by_alias("whylead", "champion")
        (logged,) = client.search_logged_models([run.info.experiment_id])
        of_all = client.get_registered_model("whylead").description
    name = load_artifact(finished_run.workspace.champion).version
    assert run.info.run_name == f"simulated {name}"
    assert len(run.data.metrics) < 80
    assert version.tags["model_version"] == name
    assert version.description.startswith(f"Model {name}: probability that a lead buys within 90 days")
    assert f"ROC AUC {finished_run.summary['test']['roc_auc']['value']:.3f}" in version.description
    assert "test.roc_auc.value" in {metric.key for metric in logged.metrics}
    assert "challenger" in of_all


def test_the_champion_carries_what_was_measured_of_it(finished_run: FinishedRun) -> None:
    manifest = json.loads((finished_run.workspace.champion / "manifest.json").read_text())
    assert manifest["metrics"] == finished_run.summary["test"]


def test_the_registered_model_has_a_signature_and_an_example(finished_run: FinishedRun) -> None:
    with connect(finished_run.workspace.root):
        info = mlflow.models.get_model_info("models:/whylead@champion")
    assert info.signature.inputs.input_names() == ["request"]
    assert "probability" in info.signature.outputs.input_names()
    assert info.saved_input_example_info is not None


@pytest.mark.usefixtures("only_stumps")
def test_the_first_model_is_champion_and_the_next_its_challenger(own_run: FinishedRun) -> None:
    workspace = own_run.workspace
    train_model(workspace, TrainParams(budget_seconds=0))
    first = register_model(workspace)
    assert (first.alias, first.comparison) == ("champion", None)
    test = read_matrix(workspace.features).rows("test")
    probability = load_artifact(workspace.champion).model.probability(test.X)
    measured = roc_auc(probability, test.weight * test.y, test.weight * (1 - test.y))

    train_model(workspace, TrainParams(budget_seconds=0, seed=1))
    second = register_model(workspace)
    assert second.alias == "challenger"
    assert second.comparison is not None
    assert second.comparison.champion is not None
    assert second.comparison.champion["roc_auc"].value == pytest.approx(measured)

    before = json.loads((workspace.champion / "manifest.json").read_text())
    assert before["metrics"] == {}
    promoted = promote(workspace, None)
    assert promoted.number == second.version
    assert find_version(workspace.root, "challenger") is None
    assert json.loads((workspace.champion / "manifest.json").read_text()) != before


def test_promoting_what_is_not_there_names_what_is(finished_run: FinishedRun) -> None:
    with pytest.raises(RegistryError, match=r"no version 99 of the model whylead; versions: 1"):
        promote(finished_run.workspace, 99)
    with pytest.raises(RegistryError, match="no challenger to promote"):
        promote(finished_run.workspace, None)


def test_fetching_an_unknown_model_leaves_nothing_behind(finished_run: FinishedRun, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="has no model 'models:/whylead@nobody'"):
        fetch_artifact("models:/whylead@nobody", tmp_path / "model", root=finished_run.workspace.root)
    assert list(tmp_path.iterdir()) == []


def test_evaluating_a_run_that_the_store_does_not_know_says_so(own_run: FinishedRun) -> None:
    model = checksum_in(own_run.workspace.model)
    write_run(own_run.workspace, Run("f" * 32, "models:/m-0", model))
    assert read_run(own_run.workspace).run_id == "f" * 32
    with pytest.raises(SystemExit) as ended:
        whylead("evaluate", "-w", str(own_run.workspace.root))
    assert ended.value.code == 2


@pytest.fixture
def models_serve(finished_run: FinishedRun, tmp_path: Path) -> Iterator[str]:
    """The address of a real ``mlflow models serve`` process of the champion."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "MLFLOW_TRACKING_URI": tracking_uri(finished_run.workspace.root),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # MLflow starts uvicorn by its name
    }
    arguments = ["-m", "models:/whylead@champion", "--port", str(port), "--env-manager", "local", "--workers", "1"]
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "models", "serve", *arguments],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=tmp_path,
            start_new_session=True,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/ping", process, tmp_path / "serve.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def test_mlflow_models_serve_gives_the_probabilities_of_whylead_score(
    finished_run: FinishedRun, models_serve: str, tmp_path: Path
) -> None:
    root = str(finished_run.workspace.root)
    out = tmp_path / "scores.parquet"
    as_of = "2025-08-15T00:00:00Z"
    whylead("score", "-w", root, "--model", "models:/whylead@champion", "--as-of", as_of, "--out", str(out))
    scores = pd.read_parquet(out).set_index("lead_id")
    bodies = Bodies(Dataset(finished_run.workspace.tables), pd.Timestamp(as_of))
    leads = list(scores.sample(40, random_state=0).index)
    records = [{"request": json.dumps(bodies.body(lead))} for lead in leads]
    answers = _post(f"{models_serve}/invocations", {"dataframe_records": records})["predictions"]
    assert [answer["probability"] for answer in answers] == [scores.loc[lead, "probability"] for lead in leads]
    wrong = json.dumps({"lead": {"has_phone": "jane.doe@example.org"}})
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        _post(f"{models_serve}/invocations", {"dataframe_records": [{"request": wrong}]})
    said = refused.value.read().decode()
    assert "request[0].lead.has_phone" in said
    assert "jane" not in said + (tmp_path / "serve.log").read_text()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"{address} did not answer: {log.read_text()}")


def _post(address: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        value: dict[str, Any] = json.load(answer)
    return value
