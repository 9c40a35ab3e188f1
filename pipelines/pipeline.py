"""The whole way in one go: import, validate, features, train, evaluate, explain, register."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from data_contracts.progress import Progress, unwatched
from data_contracts.scorecard import read_scorecard
from features.feature import Language
from models.storage.artifact import Artifact, load_artifact
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.stage import evaluate_model
from pipelines.explanation.stage import explain_model
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.featurization.stage import MatrixMetadata, featurize
from pipelines.importing.importer import import_tables
from pipelines.registry.registration import Registration, register_model
from pipelines.registry.tracking import log_evaluation, log_stage
from pipelines.training.stage import Training, train_model
from pipelines.validation.stage import validate_dataset
from pipelines.workspace.params import Params
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace


@dataclass(frozen=True)
class PipelineRun:
    """What the stages gave, and how many seconds each took."""

    seconds: dict[str, float]
    metadata: MatrixMetadata
    matrix: Matrix
    training: Training
    artifact: Artifact
    evaluation: Evaluation
    registration: Registration


def run_pipeline(
    workspace: Workspace,
    mapping: str,
    source: Path,
    params: Params,
    on_stage: Callable[[str], Progress] = unwatched,
    truth: Path | None = None,
    resources: Resources | None = None,
    *,
    scorecard: Path | None = None,
    language: Language = "en",
) -> PipelineRun:
    """Run every stage; ``on_stage(name)`` gives the progress callback of a stage, ``language`` is that of the pages.

    The matrix and the artifact are read once and handed on. Raises WhyleadError of whatever stage cannot go on; what
    earlier stages wrote stays.
    """
    if scorecard is not None:
        read_scorecard(scorecard)  # a mistake in it is said now, not after the training
    seconds: dict[str, float] = {}
    resources = resources or Resources.of()
    with _timed(seconds, "import"):
        import_tables(
            load_mapping(mapping),
            source,
            workspace.tables,
            workspace.rejected,
            resources=resources,
            bounds=params.bounds,
            on_progress=on_stage("import"),
        )
    dataset = Dataset(workspace.tables)
    with _timed(seconds, "validate"):
        validate_dataset(
            dataset,
            workspace.validation,
            resources=resources,
            params=params.features,
            language=language,
            on_progress=on_stage("validate"),
        ).require()
    with _timed(seconds, "features"):
        metadata = featurize(dataset, workspace.features, params.features, on_stage("features"), resources=resources)
    with _timed(seconds, "train"):
        matrix = read_matrix(workspace.features)
        training = train_model(workspace, params.train, on_progress=on_stage("train"), matrix=matrix)
    with _timed(seconds, "evaluate"):
        artifact = load_artifact(workspace.model)
        evaluation = evaluate_model(
            workspace,
            params.evaluate,
            truth,
            on_stage("evaluate"),
            matrix=matrix,
            artifact=artifact,
            scorecard=scorecard,
            resources=resources,
            language=language,
        )
        log_evaluation(workspace, artifact.checksum, evaluation.to_json())
    with _timed(seconds, "explain"):
        explain_model(
            workspace, params.explain, on_stage("explain"), matrix=matrix, artifact=artifact, language=language
        )
        log_stage(workspace, workspace.explanation, artifact.checksum)
    with _timed(seconds, "register"):
        registration = register_model(
            workspace, resources, matrix=matrix, artifact=artifact, comparison=evaluation.champion
        )
    return PipelineRun(seconds, metadata, matrix, training, artifact, evaluation, registration)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[stage] = round(time.perf_counter() - started, 2)
