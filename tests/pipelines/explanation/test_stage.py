import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import ArtifactError, DataFallsShort, FileError
from pipelines.explanation.explained import Explained
from pipelines.explanation.stage import explain_model, one_snapshot_each
from pipelines.featurization.matrix import read_matrix
from pipelines.workspace.params import ExplainParams
from pipelines.workspace.workspace import Workspace
from tests.models.small_artifact import artifact
from tests.pipelines.small_workspace import trained_workspace

FILES = {
    "shap.parquet", "importance_signals.csv", "importance_families.csv", "importance_channels.csv", "importance.html",
    "beeswarm.png", "bar.png", "made_from.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return trained_workspace(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="module")
def explained(workspace: Workspace) -> Explained:
    return explain_model(workspace, ExplainParams())


def test_all_files_are_written_and_nothing_else_is_left(workspace: Workspace, explained: Explained) -> None:
    assert {path.name for path in workspace.explanation.iterdir()} == FILES
    assert not [path.name for path in workspace.root.iterdir() if path.name.startswith(".")]


def test_shap_values_and_base_add_up_to_the_margin_of_the_probability(
    workspace: Workspace, explained: Explained
) -> None:
    table = pd.read_parquet(workspace.explanation / "shap.parquet")
    names = [feature.name for feature in artifact().view.features]
    assert list(table) == ["lead_id", "snapshot_at", "base", *names, "probability"]
    margin = table["base"].to_numpy() + table[names].to_numpy().sum(axis=1)
    model = artifact().model
    assert model.calibrator.predict(margin) == pytest.approx(table["probability"].to_numpy(), abs=1e-9)
    assert np.allclose(margin, model.margin.margin(explained.X), atol=1e-6)


def test_points_add_up_to_what_the_probability_gains(explained: Explained) -> None:
    explanation = explained.explanation
    gain = explanation.probability - explanation.base_probability
    assert np.abs(explanation.points.sum(axis=1) - gain).max() < 1e-9


def test_test_leads_are_explained_once_each(workspace: Workspace, explained: Explained) -> None:
    test = read_matrix(workspace.features).rows("test").snapshots
    assert sorted(explained.snapshots["lead_id"]) == sorted(test["lead_id"].unique())


def test_most_leads_bounds_the_work_and_the_same_are_chosen_every_time(workspace: Workspace) -> None:
    snapshots = read_matrix(workspace.features).rows("test").snapshots
    chosen = one_snapshot_each(snapshots, 30)
    assert len(chosen) == 30
    assert snapshots["lead_id"].iloc[chosen].is_unique
    assert (chosen == one_snapshot_each(snapshots, 30)).all()
    ages = snapshots["age_days"].iloc[one_snapshot_each(snapshots, 10_000)]
    assert 0.3 < (ages == 0).mean() < 0.7


def test_importance_is_by_signal_family_source_and_campaign(workspace: Workspace, explained: Explained) -> None:
    signals = pd.read_csv(workspace.explanation / "importance_signals.csv")
    assert set(signals["signal"]) == {feature.signal for feature in explained.features}
    assert signals.loc[0, "signal"] == "rooms"
    channels = pd.read_csv(workspace.explanation / "importance_channels.csv")
    assert set(channels["column"]) == {"source", "campaign"}
    html = (workspace.explanation / "importance.html").read_text()
    assert "What matters most: Rooms; " in html
    assert not re.findall(r'(?:src|href)="http', html)


def test_a_missing_stage_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"snapshots\.parquet does not exist\. Run `whylead features` first"):
        explain_model(Workspace(tmp_path), ExplainParams())
    workspace = trained_workspace(tmp_path / "no_model")
    (workspace.model / "calibrator.json").unlink()
    with pytest.raises(ArtifactError, match=r"calibrator\.json is missing"):
        explain_model(workspace, ExplainParams())
    assert not workspace.explanation.exists()


def test_without_test_leads_there_is_nothing_to_explain(tmp_path: Path) -> None:
    workspace = trained_workspace(tmp_path)
    matrix = read_matrix(workspace.features, "train")
    with pytest.raises(DataFallsShort, match="test split has no labelled leads"):
        explain_model(workspace, ExplainParams(), matrix=matrix)
