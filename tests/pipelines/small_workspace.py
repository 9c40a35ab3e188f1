"""A workspace after training: tables, features and model of the small company of tests/models."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.dataset import DatasetManifest, write_manifest
from models.calibration.calibrators import Sigmoid
from models.storage.artifact import Artifact, save_artifact
from pipelines.featurization.checksums import read_checksums, write_checksums
from pipelines.registry.chain import MADE_FROM
from pipelines.tables.checksum import data_checksum
from pipelines.workspace.workspace import Workspace
from tests.features.requests import moments_of
from tests.models.small_artifact import ATTRIBUTES, artifact, records, requests, view
from tests.pipelines.small_tables import write_tables

LEADS = 400


def trained_workspace(root: Path) -> Workspace:
    """Two snapshots of each lead; the older half was learned from. Leads buy as likely as the model says."""
    workspace = Workspace(root)
    X = view().compute(records(), np.arange(LEADS), moments_of(requests()))
    _write_features(workspace.features, X)
    write = artifact()
    save_artifact(
        workspace.model,
        model=write.model,
        view=write.view,
        agreement=write.agreement,
        reference=write.reference,
        facts={MADE_FROM: {"features": read_checksums(workspace.features).checksum}},
    )
    workspace.tables.mkdir(parents=True)
    write_manifest(DatasetManifest(mapping="small", order="time"), workspace.tables)
    return workspace


def tied_workspace(root: Path) -> Workspace:
    """The same, with the tables that the features say they were computed from."""
    workspace = trained_workspace(root)
    write_checksums(workspace.features, data_checksum(write_tables(workspace.tables, requests(), ATTRIBUTES)))
    return workspace


def other_artifact() -> Artifact:
    """Another model of the same features."""
    return replace(artifact(), model=replace(artifact().model, calibrator=Sigmoid(0.5, 0.4)))


def save_small_artifact(directory: Path, made: Artifact | None = None) -> None:
    """The model of the small company, or another one."""
    made = made or artifact()
    save_artifact(
        directory, model=made.model, view=made.view, agreement=made.agreement, reference=made.reference, facts={}
    )


def _write_features(directory: Path, X: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    directory.mkdir(parents=True)
    names = [feature.name for feature in view().features]
    pd.DataFrame(np.repeat(X, 2, axis=0), columns=names).to_parquet(directory / "matrix.parquet", index=False)
    snapshots(X).to_parquet(directory / "snapshots.parquet", index=False)
    (directory / "view.json").write_text(json.dumps(view().to_dict()), encoding="utf-8")
    facts = {
        "mapping": "small",
        "split": {"strategy": "ordered", "why": "asked for"},
        "horizon_days": 90.0,
        "quarantined": [{"column": "leads.status", "auc": 0.99, "why": "its value alone tells the outcome"}],
    }
    (directory / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    write_checksums(directory, "of no tables")


def snapshots(X: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> pd.DataFrame:
    """snapshots.parquet of the leads X."""
    p = artifact().model.probability(X)
    outcome = (np.random.default_rng(0).random(LEADS) < p).astype(float)
    n = 2 * LEADS
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "lead_id": np.repeat([f"L{number}" for number in range(LEADS)], 2),
            "snapshot_at": pd.date_range("2025-01-01", periods=n, freq="1h", tz="UTC").as_unit("us"),
            "age_days": np.tile([0.0, 7.0], LEADS),
            "label": pd.array(np.repeat(outcome, 2), dtype="Int8"),
            "weight": 0.5,
            "part": np.where(np.arange(n) < LEADS, "train", "test"),
            "position": np.arange(n),
            "source": random.choice(["web", "fair"], n),
            "industry": None,
            "country": "IT",
            "channel": None,
            "campaign": random.choice(["spring", "autumn"], n),
        }
    )
