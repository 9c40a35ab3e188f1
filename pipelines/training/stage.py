"""Training: from the feature matrix to a model artifact and its MLflow run."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from data_contracts.agreement import VERDICT, load_agreement
from data_contracts.dataset import Attribute, Dataset, DatasetManifest
from data_contracts.progress import Progress, silent
from models.learning.learner import learn
from models.learning.monotone import Monotone
from models.learning.settings import LearnerSettings
from models.margin.cost import ServingCost
from models.margin.model import LeadModel
from models.policy.reference import Reference, reference_quantiles
from models.samples.training_rows import TrainingRows
from models.storage.artifact import save_artifact
from models.storage.vocabulary import ACTIVITY_TYPE, Vocabulary
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.registry.chain import MADE_FROM, require_tables
from pipelines.registry.tracking import log_training
from pipelines.workspace.params import TrainParams
from pipelines.workspace.workspace import Workspace

RECENT_SNAPSHOTS = 20_000
RECENT_DAYS = 91


@dataclass(frozen=True)
class Training:
    """What a training left: where it is, how long it took and how the model was learned."""

    run_id: str
    model_uri: str
    seconds: float
    report: Mapping[str, Any]


def train_model(
    workspace: Workspace,
    params: TrainParams,
    agreement: Path | None = None,
    on_progress: Progress = silent,
    *,
    matrix: Matrix | None = None,
) -> Training:
    """Learn from the training parts, write ``model/`` and ``run.json`` and log the run to MLflow.

    ``matrix`` is the feature matrix where it is in memory already. Raises DataFallsShort with fewer than 5 won or 5
    lost, FileError where the features stage did not run or ran on other tables, ParamsError where ``params.monotone``
    does not fit the features.
    """
    started = time.perf_counter()
    agreed = load_agreement(agreement)  # a mistake in it is said now, not after the training
    matrix, dataset = matrix or read_matrix(workspace.features), Dataset(workspace.tables)
    require_tables(workspace, matrix.checksums)
    model = learn_model(matrix, params, dataset.manifest.attributes, on_progress)
    save_artifact(
        workspace.model,
        model=model,
        view=matrix.view,
        agreement=agreed,
        reference=_reference(dataset, matrix, model),
        facts=_card_facts(dataset.manifest, matrix, model),
        vocabulary=_vocabulary(dataset, matrix),
    )
    on_progress("logging to MLflow", 0.95)
    run = log_training(workspace, matrix, _logged_params(params, model), model.report)
    return Training(run.run_id, run.model_uri, time.perf_counter() - started, model.report)


def learn_model(
    matrix: Matrix, params: TrainParams, attributes: Sequence[Attribute], on_progress: Progress = silent
) -> LeadModel:
    """Learn from the training parts; ``attributes`` are those of the export.

    Raises DataFallsShort with fewer than 5 won or 5 lost, ParamsError where ``params.monotone`` does not fit.
    """
    monotone = Monotone.of(matrix.view.features, params.monotone, attributes)
    settings = LearnerSettings(params.seed, params.budget_seconds, params.trials)
    model = learn(_training_rows(matrix.rows("train", "calibrate"), monotone.signs), settings, on_progress)
    model.report["monotone"] = monotone.by_direction
    model.report["warnings"] += monotone.warnings
    return model


def _training_rows(matrix: Matrix, monotone: tuple[int, ...]) -> TrainingRows:
    return TrainingRows(
        matrix.X,
        matrix.y,
        weight=matrix.weight,
        lead=matrix.lead,
        time_rank=matrix.snapshots["position"].to_numpy(np.int64),
        split=matrix.snapshots["part"].to_numpy(str),
        features=matrix.view.features,
        ordered=matrix.metadata["split"]["strategy"] != "random",
        monotone=monotone,
        kept_together=matrix.kept_together,
    )


def _reference(dataset: Dataset, matrix: Matrix, model: LeadModel) -> Reference:
    """Probabilities of the newest snapshots (their labels are not looked at), and how many leads come in a week."""
    newest = np.argsort(matrix.snapshots["position"].to_numpy(), kind="stable")[-RECENT_SNAPSHOTS:]
    leads = dataset.frame("leads")
    return reference_quantiles(
        model.probability(matrix.X[newest]),
        leads_per_week=_leads_per_week(leads["created_at"].dropna()),
        fields=[*_filled(leads, ""), *_filled(dataset.frame("accounts"), "account."), VERDICT],
        lead_attributes=[each.name for each in dataset.manifest.attributes if each.table == "leads"],
    )


def _vocabulary(dataset: Dataset, matrix: Matrix) -> Vocabulary:
    """The translated columns that the model looks at, and the types of all activities."""
    used = {each.column for each in matrix.view.attributes} | {ACTIVITY_TYPE}
    values = {column: each for column, each in dataset.manifest.values.items() if column in used}
    types = pq.read_table(dataset.path("activities"), columns=["type"], read_dictionary=["type"])
    return Vocabulary(values, tuple(sorted(types.column(0).unique().to_pylist())))


def _filled(frame: pd.DataFrame, prefix: str) -> list[str]:
    """The columns with any value, as the agreement may name them."""
    names = [str(name) for name in frame.columns if frame[name].notna().any()]
    return [*names, *(prefix + name for name in names if prefix)]


def _leads_per_week(created_at: "pd.Series[pd.Timestamp]") -> float | None:
    """Over the newest quarter of a year; None for undated leads."""
    if created_at.empty:
        return None
    last = created_at.max()
    recent = created_at[created_at > last - pd.Timedelta(days=RECENT_DAYS)]
    weeks = max((last - recent.min()) / pd.Timedelta(weeks=1), 1.0)
    return float(len(recent) / weeks)


def _card_facts(manifest: DatasetManifest, matrix: Matrix, model: LeadModel) -> dict[str, Any]:
    return {
        "mapping": manifest.mapping,
        "data": {file.file: file.sha256 for file in manifest.files},
        "attributes": [each.model_dump(mode="json") for each in manifest.attributes],
        "features": matrix.metadata,
        MADE_FROM: {"tables": matrix.checksums.tables, "features": matrix.checksums.checksum},
        "learning": model.report,
        "cost of serving": asdict(ServingCost.of(model.margin, matrix.X)),
    }


def _logged_params(params: TrainParams, model: LeadModel) -> dict[str, Any]:
    return {f"train.{key}": value for key, value in params.model_dump().items()} | {
        "calibrator": model.calibrator.kind,
        "components": [component.kind for component in model.margin.components],
        "weights": [round(weight, 4) for weight in model.margin.weights],
    }
