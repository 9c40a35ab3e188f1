from pathlib import Path

import numpy as np
import pytest

from data_contracts.errors import ParamsError
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.training.stage import learn_model, train_model
from pipelines.workspace.params import TrainParams
from tests.models.small_artifact import ATTRIBUTES
from tests.pipelines.small_workspace import tied_workspace, trained_workspace


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """The small company, nearly all of it to learn from."""
    made = read_matrix(trained_workspace(tmp_path_factory.mktemp("company")).features)
    made.snapshots["part"] = np.where(np.arange(len(made.snapshots)) % 800 < 600, "train", "calibrate")
    return made


@pytest.mark.usefixtures("only_stumps")
def test_more_rooms_never_lower_a_score_where_the_parameters_say_so(matrix: Matrix) -> None:
    rooms = [feature.name for feature in matrix.view.features].index("lead.rooms")
    X = np.repeat(matrix.X[:60, None, :], 20, axis=1)
    X[:, :, rooms] = np.linspace(0, 12, 20)
    said = {}
    for direction in ("increasing", "decreasing"):
        params = TrainParams.model_validate({"budget_seconds": 0, "monotone": {"lead.ro?ms": direction}})
        model = learn_model(matrix, params, ATTRIBUTES)
        assert model.report["monotone"] == {direction: ["lead.rooms"]}
        said[direction] = np.diff(model.probability(X.reshape(-1, X.shape[2])).reshape(60, 20), axis=1)
    assert said["increasing"].min() >= -1e-12
    assert said["increasing"].max() > 0.01
    assert said["decreasing"].max() <= 1e-12


def test_what_constrains_nothing_is_a_warning_of_the_model(matrix: Matrix) -> None:
    params = TrainParams(budget_seconds=0, monotone={"webinar.count_*": "increasing"})
    model = learn_model(matrix, params, ATTRIBUTES)
    assert model.report["monotone"] == {}
    assert any("'webinar.count_*' constrains nothing" in warning for warning in model.report["warnings"])


def test_a_pattern_that_names_nothing_ends_the_training_before_it_begins(tmp_path: Path) -> None:
    workspace = tied_workspace(tmp_path)
    before = (workspace.model / "manifest.json").read_bytes()
    with pytest.raises(ParamsError, match=r"'demo_requst\.\*' names no feature"):
        train_model(workspace, TrainParams(monotone={"demo_requst.*": "increasing"}))
    assert (workspace.model / "manifest.json").read_bytes() == before
