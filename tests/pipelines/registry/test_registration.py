from pathlib import Path

import numpy as np
import pytest

from data_contracts.dataset import Dataset
from data_contracts.errors import InputError
from pipelines.featurization.matrix import read_matrix
from pipelines.registry.comparison import champion_probability
from pipelines.tables.tables import Tables
from pipelines.workspace.workspace import Workspace
from tests.datasets import load_records
from tests.models.small_artifact import ATTRIBUTES, artifact, requests
from tests.pipelines.small_tables import write_tables
from tests.pipelines.small_workspace import trained_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = trained_workspace(tmp_path)
    write_tables(workspace.tables, requests(), ATTRIBUTES)
    return workspace


@pytest.mark.parametrize("events_per_bucket", [100_000, 100])
def test_the_champion_is_measured_block_by_block_as_on_all_leads_at_once(
    workspace: Workspace, events_per_bucket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.tables.block_plan.EVENTS_PER_BUCKET", events_per_bucket)
    test, dataset = read_matrix(workspace.features).rows("test"), Dataset(workspace.tables)
    records = load_records(dataset)
    row = {lead_id: number for number, lead_id in enumerate(records.lead_ids)}
    leads = np.array([row[lead_id] for lead_id in test.snapshots["lead_id"]])
    expected = artifact().model.probability(artifact().view.compute(records, leads, test.at))
    with Tables(dataset) as tables:
        assert champion_probability(tables, test, artifact()).tobytes() == expected.tobytes()


def test_snapshots_of_other_tables_are_refused(workspace: Workspace) -> None:
    test = read_matrix(workspace.features).rows("test")
    write_tables(workspace.tables, requests()[:5], ATTRIBUTES)
    with pytest.raises(InputError, match=r"has no lead .* imported again"), Tables(Dataset(workspace.tables)) as tables:
        champion_probability(tables, test, artifact())
