from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data_contracts.dataset import Dataset
from data_contracts.errors import InputError
from pipelines.featurization.matrix import read_matrix
from pipelines.registry.comparison import champion_probability
from pipelines.registry.registration import description
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


def test_a_description_says_what_was_learned_from_and_how_good_it_is() -> None:
    learned = {"mapping": "hubspot", "won_leads": 1200, "lost_leads": 3000, "horizon_days": 90.0}
    of = replace(artifact(), facts={"features": learned}, checksum="0123456789abcdef")
    assert description(of, {"roc_auc": {"value": 0.8, "low": 0.75, "high": 0.85}, "ece": {}}) == (
        "Model 0123456789ab: probability that a lead buys within 90 days, learned from the export hubspot: "
        "1,200 won and 3,000 lost leads. On the test leads: ROC AUC 0.800 (0.750 to 0.850)."
    )
    assert description(replace(of, facts={"features": {"horizon_days": "until_closed"}}), {}) == (
        "Model 0123456789ab: probability that a lead buys. It was not evaluated yet."
    )
