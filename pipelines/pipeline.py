"""The whole way in one go: import, validate, features, train, evaluate, explain, register."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_contracts.dataset import Dataset
from data_contracts.mapping import load_mapping
from data_contracts.progress import Progress, unwatched
from pipelines.evaluation.stage import Evaluation, evaluate_model
from pipelines.explanation.stage import explain_model
from pipelines.featurization.stage import featurize
from pipelines.importing.importer import import_tables
from pipelines.registry.registration import Registration, register_model
from pipelines.registry.tracking import log_evaluation, log_explanation
from pipelines.training.stage import Training, train_model
from pipelines.validation.stage import validate_dataset
from pipelines.workspace.params import Params
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace


@dataclass
class PipelineRun:
    """What the stages gave, and how long each took."""

    seconds: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    training: Training | None = None
    evaluation: Evaluation | None = None
    registration: Registration | None = None


def run_pipeline(
    workspace: Workspace,
    mapping: str,
    source: Path,
    params: Params,
    on_stage: Callable[[str], Progress] = unwatched,
    truth: Path | None = None,
    resources: Resources | None = None,
) -> PipelineRun:
    """Run every stage; ``on_stage(name)`` gives the progress callback of a stage.

    Raises WhyleadError of whatever stage cannot go on; what earlier stages wrote stays.
    """
    run, resources = PipelineRun(), resources or Resources.of()
    with _timed(run, "import"):
        import_tables(
            load_mapping(mapping),
            source,
            workspace.tables,
            workspace.rejected,
            resources=resources,
            on_progress=on_stage("import"),
        )
    dataset = Dataset(workspace.tables)
    with _timed(run, "validate"):
        validate_dataset(dataset, workspace.validation, resources=resources, on_progress=on_stage("validate")).require()
    with _timed(run, "features"):
        facts = featurize(dataset, workspace.features, params.features, on_stage("features"), resources=resources)
        run.facts = facts.to_json()
    with _timed(run, "train"):
        run.training = train_model(workspace, params.train, on_progress=on_stage("train"))
    with _timed(run, "evaluate"):
        run.evaluation = evaluate_model(workspace, params.evaluate, truth=truth, on_progress=on_stage("evaluate"))
        log_evaluation(workspace, run.evaluation.to_json())
    with _timed(run, "explain"):
        explain_model(workspace, params.explain, on_progress=on_stage("explain"))
        log_explanation(workspace)
    with _timed(run, "register"):
        run.registration = register_model(workspace)
    return run


@contextmanager
def _timed(run: PipelineRun, stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    run.seconds[stage] = round(time.perf_counter() - started, 2)
