"""Stages that are killed between two writes that belong together, with a real tracking store."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data_contracts import replacing
from data_contracts.errors import WhyleadError
from models.calibration.calibrators import Sigmoid
from models.storage.artifact import load_artifact
from models.storage.manifest import checksum_in
from models.storage.registry import find_version
from pipelines.doctor import Finding, examine
from pipelines.evaluation.stage import evaluate_model
from pipelines.featurization.matrix import read_matrix
from pipelines.registry.registration import promote, register_model
from pipelines.registry.run import require_run
from pipelines.registry.tracking import log_evaluation, log_training
from pipelines.training.stage import train_model
from pipelines.workspace.params import EvaluateParams, TrainParams
from pipelines.workspace.workspace import Workspace
from tests.models.small_artifact import artifact
from tests.pipelines.small_workspace import tied_workspace

pytestmark = pytest.mark.filterwarnings("ignore")
PARAMS = EvaluateParams(bootstrap=10)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A model, its run and its evaluation, none of them registered."""
    workspace = tied_workspace(tmp_path_factory.mktemp("logged") / "w")
    log_training(workspace, read_matrix(workspace.features), {}, {})
    evaluation = evaluate_model(workspace, PARAMS)
    log_evaluation(workspace, checksum_in(workspace.model), evaluation.to_json())
    return workspace


@pytest.fixture
def workspace(logged: Workspace, tmp_path: Path) -> Workspace:
    """A copy, with a store of its own."""
    shutil.copytree(logged.root, tmp_path / "w")
    return Workspace(tmp_path / "w")


@pytest.fixture(autouse=True)
def learned_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each training gives another model than the one that the workspace has, without learning."""
    other = replace(artifact().model, calibrator=Sigmoid(0.5, 0.4))
    monkeypatch.setattr("pipelines.training.stage.learn_model", lambda *_: other)


class Killed(BaseException):
    """What no code catches."""


def kill_in(monkeypatch: pytest.MonkeyPatch, step: str, run: Callable[[], Any]) -> None:
    """Run something that is killed as it comes to a step."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(step, killed)
        with pytest.raises(Killed):
            run()


def champion_metrics(workspace: Workspace) -> Any:
    return json.loads((workspace.champion / "manifest.json").read_text())["metrics"]


def test_a_training_killed_before_its_run_is_noted_gives_nobody_the_others_metrics(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_in(monkeypatch, "pipelines.registry.tracking.write_run", lambda: train_model(workspace, TrainParams()))
    with pytest.raises(WhyleadError, match=r"run\.json is of the model .* Run `whylead train --workspace"):
        register_model(workspace)
    evaluation = evaluate_model(workspace, PARAMS)
    with pytest.raises(WhyleadError, match=r"run\.json is of the model .* Run `whylead train --workspace"):
        log_evaluation(workspace, evaluation.made_from["model"], evaluation.to_json())
    assert find_version(workspace.root, "champion") is None

    train_model(workspace, TrainParams())
    assert register_model(workspace).model_version == load_artifact(workspace.champion).version
    assert champion_metrics(workspace) == evaluation.to_json()["test"]


def test_a_model_trained_again_is_not_registered_with_the_evaluation_of_the_last(workspace: Workspace) -> None:
    train_model(workspace, TrainParams())
    with pytest.raises(WhyleadError, match=r"evaluation is of the model .* Run `whylead evaluate --workspace"):
        register_model(workspace)
    shutil.rmtree(workspace.evaluation)
    register_model(workspace)
    assert champion_metrics(workspace) == {}


def test_an_evaluation_killed_before_it_is_logged_is_logged_by_the_registration(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = evaluate_model(workspace, EvaluateParams(bootstrap=10, seed=9)).to_json()
    kill_in(
        monkeypatch,
        "mlflow.log_artifacts",
        lambda: log_evaluation(workspace, checksum_in(workspace.model), other),
    )
    register_model(workspace)
    assert champion_metrics(workspace) == other["test"]


@pytest.mark.parametrize("step", ["set_alias", "add_metrics"])
def test_a_registration_killed_while_it_crowns_is_mended_by_the_next_command(
    step: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"pipelines.registry.registration.{'registry.' if step == 'set_alias' else ''}{step}"
    kill_in(monkeypatch, target, lambda: register_model(workspace))
    assert not workspace.champion.exists()
    assert register_model(workspace).alias == "champion"
    assert load_artifact(workspace.champion).checksum == checksum_in(workspace.model)


def test_a_promotion_killed_after_the_alias_is_named_by_the_doctor_and_mended_by_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_model(workspace)
    train_model(workspace, TrainParams())
    shutil.rmtree(workspace.evaluation)
    assert register_model(workspace).alias == "challenger"
    before = load_artifact(workspace.champion).version
    aliased, take_place = [], replacing._take_place

    def killed(new: Path, target: Path) -> None:
        if target == workspace.champion:
            aliased.append(find_version(workspace.root, "champion"))
            raise Killed
        take_place(new, target)

    with monkeypatch.context() as patched:
        patched.setattr(replacing, "_take_place", killed)
        with pytest.raises(Killed):
            promote(workspace, None)
    assert [each.number for each in aliased if each] == [2]
    assert load_artifact(workspace.champion).version == before
    found = chain(workspace)["champion"]
    assert (found.state, found.todo.split(" --workspace")[0]) == ("stale", "`whylead promote --version 2")
    assert before in found.found
    promote(workspace, 2)
    assert load_artifact(workspace.champion).checksum == checksum_in(workspace.model)
    assert chain(workspace)["champion"].state == "fine"
    with pytest.raises(WhyleadError, match="no challenger to promote") as refused:
        promote(workspace, None)
    assert refused.value.hint == "`whylead promote --version 2` puts the champion in its place again."


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_copied_workspace_writes_nothing_into_the_original(logged: Workspace, workspace: Workspace) -> None:
    before = contents(logged.root)
    train_model(workspace, TrainParams())
    log_evaluation(workspace, checksum_in(workspace.model), evaluate_model(workspace, PARAMS).to_json())
    register_model(workspace)
    promote(workspace, 1)
    assert contents(logged.root) == before


def test_a_moved_workspace_goes_on_where_it_is(workspace: Workspace, tmp_path: Path) -> None:
    register_model(workspace)
    moved = Workspace(workspace.root.rename(tmp_path / "mi espacio"))
    promote(moved, 1)
    train_model(moved, TrainParams())
    shutil.rmtree(moved.evaluation)
    assert register_model(moved).alias == "challenger"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mi espacio"]


def replace_logged(workspace: Workspace) -> None:
    """Put another model where MLflow keeps the one that was logged."""
    (place,) = (path.parent for path in (workspace.root / "mlartifacts").rglob("artifacts/model/manifest.json"))
    train_model(Workspace(workspace.root), TrainParams())
    shutil.rmtree(place)
    shutil.copytree(workspace.model, place)


def test_what_the_store_holds_in_place_of_the_evaluated_model_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    model, run, aside = workspace.model, require_run(workspace), tmp_path / "aside"
    shutil.copytree(model, aside)
    noted = workspace.run_file.read_bytes()
    replace_logged(workspace)
    shutil.rmtree(model)
    shutil.copytree(aside, model)
    workspace.run_file.write_bytes(noted)
    with pytest.raises(WhyleadError, match=rf"{run.model_uri} holds the model .* Run `whylead train --workspace"):
        register_model(workspace)


def test_a_version_whose_artifact_was_replaced_is_not_promoted(workspace: Workspace) -> None:
    register_model(workspace)
    before = (workspace.champion / "manifest.json").read_bytes()
    replace_logged(workspace)
    with pytest.raises(WhyleadError, match=r"models:/whylead/1 holds the model .*, or name another version"):
        promote(workspace, 1)
    assert (workspace.champion / "manifest.json").read_bytes() == before


def chain(workspace: Workspace) -> dict[str, Finding]:
    names = ("tables", "features", "trained model", "run", "evaluation", "champion")
    return {each.name: each for each in examine(workspace) if each.name in names}


def test_the_doctor_shows_what_fits_and_what_does_not(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    register_model(workspace)
    assert {each.state for each in chain(workspace).values()} == {"fine"}
    kill_in(monkeypatch, "pipelines.registry.tracking.write_run", lambda: train_model(workspace, TrainParams()))
    shutil.rmtree(workspace.champion)
    shutil.copytree(workspace.model, workspace.champion)
    found = chain(workspace)
    stale = {name: each.todo for name, each in found.items() if each.state == "stale"}
    commands = {"run": "train", "evaluation": "evaluate", "champion": "promote --version 1"}
    assert stale.keys() == commands.keys()
    assert all(f"whylead {command} --workspace" in stale[name] for name, command in commands.items())
    manifest = workspace.tables / "dataset.json"
    manifest.write_text(manifest.read_text() + "\n")
    assert "whylead features" in chain(workspace)["features"].todo
