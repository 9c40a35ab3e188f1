"""The evaluate stage: how good the model is on leads that it has not seen, against what it would replace."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.dataset import read_manifest
from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from data_contracts.scorecard import PointRules, read_scorecard, scorecard_of
from features.arrays import Floats
from features.feature import Language
from models.evaluation.baselines import fit_baselines
from models.evaluation.calibration import calibration_line
from models.evaluation.comparison import Contender, paired_difference
from models.evaluation.gains import gains, lift
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import evaluate
from models.evaluation.reliability import reliability, summarise_intervals
from models.evaluation.scorecard import find_column
from models.evaluation.scored import Scored
from models.storage.artifact import Artifact, load_artifact
from pipelines.evaluation.about import about_model
from pipelines.evaluation.drift import base_rates
from pipelines.evaluation.handover import handover
from pipelines.evaluation.page import evaluation_page
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.segments import segment_quality
from pipelines.evaluation.time_proxies import time_proxies
from pipelines.evaluation.truth import TruthCheck, read_truth, true_probability
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.pages.origin import Origin, cutoff_of
from pipelines.registry.chain import METRICS, made_from, require_features
from pipelines.registry.comparison import compare_with_served
from pipelines.workspace.params import EvaluateParams
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace

MODEL = "model"
_FEWER = 5  # segments are measured with a fifth of the bootstrap replicates


def evaluate_model(
    workspace: Workspace,
    params: EvaluateParams,
    truth: Path | None = None,
    on_progress: Progress = silent,
    *,
    matrix: Matrix | None = None,
    artifact: Artifact | None = None,
    scorecard: Path | None = None,
    resources: Resources | None = None,
    language: Language = "en",
) -> Evaluation:
    """Measure the trained model on the test split; write metrics.json, CSVs for plots and report.html.

    ``scorecard`` is a file of hand-picked points to compare with, by default the one shipped for the mapping;
    ``language`` is that of report.html.
    Raises FileError where an earlier stage did not run or ``truth`` cannot be read, ArtifactError where the model does
    not load or was learned from other features, AgreementError where ``scorecard`` is not valid, InputError where
    ``truth`` is of other leads, DataFallsShort where all test leads have one outcome.
    """
    true = None if truth is None else read_truth(truth)
    on_progress("reading", 0.0)
    matrix, artifact = matrix or read_matrix(workspace.features), artifact or load_artifact(workspace.model)
    require_features(workspace, artifact, matrix.checksums)
    ordered = read_manifest(workspace.tables).order != "none"
    points = read_scorecard(scorecard) if scorecard else scorecard_of(str(matrix.metadata["mapping"]))
    evaluation = _assess(matrix, artifact, params, true, points, ordered, on_progress)
    if scorecard:
        about = replace(evaluation.about, scorecard_file=scorecard.name)
        warnings = (*evaluation.warnings, *_without_points(matrix, points))
        evaluation = replace(evaluation, about=about, warnings=warnings)
    on_progress("measuring the champion", 0.8)
    champion = compare_with_served(
        workspace, artifact, matrix.rows("test"), resources, seed=params.seed, bootstrap=params.bootstrap
    )
    evaluation = replace(evaluation, champion=champion)
    on_progress("drawing the report", 0.9)
    write_evaluation(evaluation, workspace.evaluation, language)
    return evaluation


def _assess(
    matrix: Matrix,
    artifact: Artifact,
    params: EvaluateParams,
    truth: pd.DataFrame | None,
    scorecard: PointRules,
    ordered: bool,
    on_progress: Progress,
) -> Evaluation:
    """``ordered`` says that the positions of the snapshots are an order in time."""
    test = matrix.rows("test")
    scored = _scored(test, artifact)
    on_progress("fitting the baselines", 0.05)
    baselines = _baselines(matrix, test.X, scorecard)
    on_progress("measuring", 0.1)
    curve = gains(scored, seed=params.seed)
    low, high = artifact.model.interval.predict(artifact.model.margin.margin(test.X))
    model, strategy = Contender(MODEL, _measure(scored, params)), str(matrix.metadata["split"]["strategy"])
    compared = _compare(scored, baselines, params, on_progress)
    on_progress("measuring segments", 0.6)
    return Evaluation(
        test=scored,
        split=strategy,
        model=model,
        baselines=compared,
        calibration=calibration_line(scored),
        intervals=summarise_intervals(scored, low, high),
        reliability=reliability(scored),
        gains=curve,
        lift=lift(curve, scored.won_rate),
        handover=handover(scored, curve, artifact.policy, seed=params.seed),
        segments=segment_quality(scored, test.snapshots, lambda part: _measure(part, params, _FEWER)),
        rates=base_rates(matrix.snapshots, ordered=ordered, mixed=strategy == "random"),
        truth=None if truth is None else _check_truth(scored, model, truth, test.snapshots, params),
        quarantined=tuple(f"{each['column']}: {each['why']}" for each in matrix.metadata.get("quarantined", [])),
        assumptions=tuple(f"{each}." for each in matrix.metadata.get("assumptions", ())),
        warnings=(*artifact.model.report.get("warnings", ()), *artifact.policy.warnings),
        about=about_model(artifact, matrix, scorecard.name),
        made_from=made_from(artifact, matrix.checksums),
        origin=Origin(artifact.version, cutoff_of(matrix.metadata.get("data_cutoff"))),
        time_proxies=time_proxies(artifact.model.report, artifact.view.features),
    )


def _baselines(matrix: Matrix, X: Floats, scorecard: PointRules) -> dict[str, Floats]:
    """The probabilities (n,) of the baselines for X (n, features), fitted on the model's training leads."""
    train = matrix.rows("train", "calibrate")
    fitted = fit_baselines(train.X, train.y, train.weight, matrix.view.features, scorecard)
    return {name: baseline(X) for name, baseline in fitted.items()}


def _without_points(matrix: Matrix, scorecard: PointRules) -> list[str]:
    """A warning for each rule that gives no lead any points, as there is no such field or activity."""
    return [
        f"The scorecard's rule {rule.rule!r} gives no points: the features hold no {rule.field or rule.activity!r}."
        for rule in scorecard.rules
        if find_column(rule, matrix.view.features) is None
    ]


def _scored(test: Matrix, artifact: Artifact) -> Scored:
    if test.y.size == 0 or np.ptp(test.y) == 0:
        outcome = "none at all" if test.y.size == 0 else "all won" if test.y[0] else "all lost"
        raise DataFallsShort(
            f"The {len(test.y)} labelled test snapshots are {outcome}; leads of both outcomes are needed.",
            hint="Choose a larger features.test_share, or another split, and run `whylead features` again.",
        )
    return Scored(test.y, artifact.model.probability(test.X), test.weight, test.kept_together)


def _measure(scored: Scored, params: EvaluateParams, fewer: int = 1) -> dict[str, Estimate]:
    return evaluate(scored, bootstrap=max(10, params.bootstrap // fewer), seed=params.seed)


def _compare(
    scored: Scored, baselines: Mapping[str, Floats], params: EvaluateParams, on_progress: Progress
) -> tuple[Contender, ...]:
    contenders = []
    for number, (name, probability) in enumerate(baselines.items()):
        on_progress(f"measuring {name.replace('_', ' ')}", 0.2 + 0.4 * number / len(baselines))
        behind = paired_difference(scored, probability, replicates=params.bootstrap, seed=params.seed)
        contenders.append(Contender(name, _measure(scored.predicted(probability), params), behind))
    return tuple(contenders)


def _check_truth(
    scored: Scored, model: Contender, truth: pd.DataFrame, snapshots: pd.DataFrame, params: EvaluateParams
) -> TruthCheck:
    true = true_probability(truth, snapshots)
    known = ~np.isnan(true)
    part, true = scored.where(known), true[known]
    return TruthCheck(
        rows=len(part),
        roc_auc=_measure(part.predicted(true), params)["roc_auc"],
        model_roc_auc=model.metrics["roc_auc"] if known.all() else _measure(part, params)["roc_auc"],
        mean_absolute_error=part.mean(np.abs(part.probability - true)),
    )


def write_evaluation(evaluation: Evaluation, directory: Path, language: Language = "en") -> None:
    """Write the files of an evaluation in place of ``directory``; all of them appear, or none."""
    with replacing(directory) as (fresh,):
        metrics = json.dumps(evaluation.to_json(), indent=2, allow_nan=False)
        (fresh / METRICS).write_text(metrics + "\n", encoding="utf-8")
        for name, table in evaluation.tables().items():
            table.to_csv(fresh / f"{name}.csv", index=False, float_format="%.6g")
        (fresh / "report.html").write_text(evaluation_page(evaluation, language), encoding="utf-8")
