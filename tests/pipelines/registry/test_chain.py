"""What does not belong to a later stage: each refusal says what was found and which command makes it whole."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data_contracts.errors import WhyleadError
from models.storage.artifact import load_artifact
from models.storage.manifest import checksum_in
from pipelines.cli import main
from pipelines.evaluation.stage import evaluate_model
from pipelines.explanation.stage import explain_model
from pipelines.featurization.checksums import write_checksums
from pipelines.registry.run import Run, write_run
from pipelines.training.stage import train_model
from pipelines.workspace.params import EvaluateParams, ExplainParams, TrainParams
from pipelines.workspace.workspace import Workspace
from tests.models.small_artifact import ATTRIBUTES, requests
from tests.pipelines.small_tables import write_tables
from tests.pipelines.small_workspace import other_artifact, save_small_artifact, tied_workspace


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Tables, features, model, run and evaluation that belong together, without a tracking store."""
    workspace = tied_workspace(tmp_path_factory.mktemp("whole") / "w")
    write_run(workspace, Run("f" * 32, "models:/m-0", checksum_in(workspace.model)))
    evaluate_model(workspace, EvaluateParams(bootstrap=10))
    return workspace


@pytest.fixture
def workspace(whole: Workspace, tmp_path: Path) -> Workspace:
    """A copy to spoil."""
    shutil.copytree(whole.root, tmp_path / "w")
    return Workspace(tmp_path / "w")


def told(arguments: str, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command that refuses says."""
    with pytest.raises(SystemExit) as ended:
        main([*arguments.split(), "--workspace", str(workspace.root)])
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def of_another_model(workspace: Workspace) -> None:
    write_run(workspace, Run("e" * 32, "models:/m-1", "0" * 64))


def of_no_model(workspace: Workspace) -> None:
    workspace.run_file.write_text(json.dumps({"run_id": "e" * 32, "model_uri": "models:/m-1"}))


def half_written(workspace: Workspace) -> None:
    workspace.run_file.write_text('{"run_id": "ee')


def not_an_object(workspace: Workspace) -> None:
    workspace.run_file.write_text("[1]")


def gone(workspace: Workspace) -> None:
    workspace.run_file.unlink()


@pytest.mark.parametrize("command", ["evaluate", "explain", "register"])
@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (of_another_model, "run.json is of the model 000000000000, "),
        (of_no_model, "run.json does not say model: an earlier version of whylead wrote it"),
        (half_written, "run.json cannot be read"),
        (not_an_object, "run.json does not say run_id and model_uri and model"),
        (gone, "run.json does not exist: no training has ended"),
    ],
)
def test_a_run_of_another_model_is_refused(
    command: str,
    spoil: Callable[[Workspace], None],
    found: str,
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(workspace)
    before = (workspace.evaluation / "metrics.json").read_bytes()
    said = told(command, workspace, capsys)
    assert found in said
    assert f"Run `whylead train --workspace {workspace.root}`" in said
    assert (workspace.evaluation / "metrics.json").read_bytes() == before


@pytest.mark.parametrize("command", ["evaluate", "explain", "register"])
def test_a_model_from_elsewhere_is_refused(
    command: str, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    save_small_artifact(workspace.model, other_artifact())
    assert "run.json is of the model" in told(command, workspace, capsys)


@pytest.mark.parametrize(
    "use",
    [
        lambda workspace: evaluate_model(workspace, EvaluateParams(bootstrap=10)),
        lambda workspace: explain_model(workspace, ExplainParams()),
    ],
)
def test_a_model_of_other_features_is_refused(use: Callable[[Workspace], object], workspace: Workspace) -> None:
    facts = json.loads((workspace.features / "facts.json").read_text())
    (workspace.features / "facts.json").write_text(json.dumps(facts | {"horizon_days": 30.0}))
    write_checksums(workspace.features, "of other tables")
    with pytest.raises(WhyleadError, match=r"was learned from other features .*Run `whylead train --workspace"):
        use(workspace)
    save_small_artifact(workspace.model)
    with pytest.raises(WhyleadError, match=r"does not say from which features .*Run `whylead train --workspace"):
        use(workspace)


def test_features_that_were_changed_or_mixed_are_refused(workspace: Workspace) -> None:
    path = workspace.features / "matrix.parquet"
    pd.read_parquet(path).iloc[::-1].to_parquet(path, index=False)
    for use in (lambda: evaluate_model(workspace, EvaluateParams()), lambda: train_model(workspace, TrainParams())):
        with pytest.raises(WhyleadError, match=r"matrix\.parquet is not the file .*Run `whylead features` again"):
            use()


@pytest.mark.parametrize("content", [None, "{", "[]", '{"tables": 1, "files": {}}', '{"files": []}'])
def test_features_that_say_nothing_of_themselves_are_refused(content: str | None, workspace: Workspace) -> None:
    path = workspace.features / "checksums.json"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(WhyleadError, match=r"checksums\.json .*Run `whylead features` again"):
        evaluate_model(workspace, EvaluateParams())


def test_training_refuses_features_of_tables_that_were_imported_again(workspace: Workspace) -> None:
    write_tables(workspace.tables, requests()[:50], ATTRIBUTES)
    before = checksum_in(workspace.model)
    with pytest.raises(WhyleadError, match=r"from other tables .*Run `whylead features --workspace .*`, then `whylead"):
        train_model(workspace, TrainParams())
    assert checksum_in(workspace.model) == before


@pytest.mark.parametrize(
    ("noted", "found"),
    [
        ({"model": "0" * 64}, "is of the model 000000000000, "),
        ({}, "does not say of which model it is"),
        ({"features": "0" * 64}, "was measured on other features"),
    ],
)
def test_registering_refuses_an_evaluation_of_something_else(
    noted: dict[str, str], found: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.registry.registration import register_model

    monkeypatch.setattr("pipelines.registry.registration._require_logged", lambda *_: None)
    path = workspace.evaluation / "metrics.json"
    metrics = json.loads(path.read_text())
    assert metrics["made_from"]["model"] == load_artifact(workspace.model).checksum
    path.write_text(json.dumps(metrics | {"made_from": metrics["made_from"] | noted if noted else {}}))
    with pytest.raises(WhyleadError, match=rf"{found}.*Run `whylead evaluate --workspace"):
        register_model(workspace)
    assert not (workspace.root / "mlflow.db").exists()
