"""A model beside the champion on the same test leads, and whether it should take its place."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from data_contracts.dataset import Dataset
from data_contracts.errors import ArtifactError, WhyleadError
from features.arrays import Floats
from features.labels.snapshots import Snapshots
from models.evaluation.comparison import paired_difference
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import evaluate
from models.evaluation.scored import Scored
from models.storage.artifact import Artifact, load_artifact
from pipelines.featurization.matrix import Matrix
from pipelines.featurization.matrix_blocks import compute_matrix
from pipelines.pages.texts import ENGLISH, Texts
from pipelines.registry.chain import require_tables
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace

Metrics = dict[str, Estimate]
Advice = Literal["promote", "keep", "unclear", "unmeasured"]
REPLICATES = 200


@dataclass(frozen=True)
class Comparison:
    """The metrics of both, and the champion's log loss less the challenger's: above 0 the challenger is better.

    ``champion`` and ``behind`` are None where the champion could not be measured; ``note`` says why.
    """

    champion_version: str
    challenger: Metrics
    champion: Metrics | None = None
    behind: Estimate | None = None
    note: str = ""

    @property
    def advice(self) -> Advice:
        """Whether to promote the challenger: only where it is better beyond noise."""
        if self.behind is None:
            return "unmeasured"
        return "promote" if self.behind.low > 0 else "keep" if self.behind.high < 0 else "unclear"

    def sentence(self, say: Texts = ENGLISH) -> str:
        """The advice with the difference that it rests on."""
        if self.behind is None:
            return say("champion.unmeasured", version=self.champion_version, note=self.note)
        low, high = self.behind.low, self.behind.high
        if self.advice == "keep":
            low, high = -high, -low
        difference = say.number(abs(self.behind.value) if self.advice != "unclear" else self.behind.value, 4)
        interval = say("range", low=say.number(low, 4), high=say.number(high, 4))
        return say(f"champion.{self.advice}", difference=difference, interval=interval)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        metrics = {
            name: {metric: estimate.to_json() for metric, estimate in values.items()} if values else None
            for name, values in (("challenger", self.challenger), ("champion", self.champion))
        }
        behind = self.behind.to_json() if self.behind else None
        told = {"champion_version": self.champion_version, "log_loss_above_challenger": behind, "advice": self.advice}
        return told | metrics | {"note": self.note}


def compare(
    workspace: Workspace,
    challenger: Artifact,
    champion: Artifact,
    test: Matrix,
    resources: Resources | None = None,
    *,
    seed: int = 0,
    bootstrap: int = REPLICATES,
) -> Comparison:
    """Measure both on the test leads with so many replicates; what keeps the champion from being measured is noted.

    ``test`` holds the challenger's features; the champion's own are computed from the workspace's tables.
    """
    scored = _scored(challenger, test)
    metrics = evaluate(scored, bootstrap=bootstrap, seed=seed)
    try:
        require_tables(workspace, test.checksums)
        with Tables(Dataset(workspace.tables), resources) as tables:
            probability = champion_probability(tables, test, champion)
    except WhyleadError as error:
        return Comparison(champion.version, metrics, note=str(error))
    behind = paired_difference(scored, probability, replicates=5 * REPLICATES, seed=seed)
    other = evaluate(scored.predicted(probability), bootstrap=bootstrap, seed=seed)
    return Comparison(champion.version, metrics, other, behind)


def compare_with_served(
    workspace: Workspace,
    artifact: Artifact,
    test: Matrix,
    resources: Resources | None = None,
    *,
    seed: int = 0,
    bootstrap: int = REPLICATES,
) -> Comparison | None:
    """The model beside the champion that the workspace serves; None where there is none, or where it is this one."""
    if not workspace.champion.is_dir():
        return None
    try:
        champion = load_artifact(workspace.champion)
    except ArtifactError as error:
        return unmeasured(artifact, test, str(error))
    if champion.version == artifact.version:
        return None
    return compare(workspace, artifact, champion, test, resources, seed=seed, bootstrap=bootstrap)


def unmeasured(artifact: Artifact, test: Matrix, note: str) -> Comparison:
    """A comparison without the champion, which cannot be read."""
    return Comparison("", evaluate(_scored(artifact, test), bootstrap=REPLICATES), note=note)


def _scored(artifact: Artifact, test: Matrix) -> Scored:
    return Scored(test.y, artifact.model.probability(test.X), test.weight, test.kept_together)


def champion_probability(tables: Tables, test: Matrix, artifact: Artifact) -> Floats:
    """The artifact's own features at the same moments of the same leads, block by block."""
    snapshots = Snapshots(tables.positions(test.snapshots["lead_id"].tolist()), test.at)
    with tables.blocks(leads=np.unique(snapshots.lead_index)) as blocks:
        slices = compute_matrix(blocks, snapshots, artifact.view, tables.resources.threads)
        return np.concatenate([artifact.model.probability(X) for X in slices])
