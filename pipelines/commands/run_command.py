"""``whylead run``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.feature import Language
from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.pipeline import PipelineRun


def command(
    mapping: options.Mapping,
    source: options.Source,
    workspace: options.Workspace = Path("workspace"),
    split: options.Split = None,
    test_share: options.TestShare = None,
    seed: options.Seed = None,
    budget: options.Budget = None,
    trials: options.Trials = None,
    scorecard: options.Scorecard = None,
    truth: options.Truth = None,
    language: options.Language = "en",
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
    as_json: options.Json = False,
) -> None:
    """Run every step from import to register: import, validate, features, train, evaluate, explain, register.

    Example: `whylead run --mapping hubspot --source exports/ --workspace workspace`
    """
    from pipelines.pipeline import run_pipeline
    from pipelines.workspace.resources import Resources

    chosen = options.load_params(
        params, split=split, test_share=test_share, seed=seed, budget_seconds=budget, trials=trials
    )
    place = Workspace(workspace)
    with place.writing(), options.stages() as on_stage:
        run = run_pipeline(
            place,
            mapping,
            source,
            chosen,
            on_stage,
            truth,
            Resources.of(memory),
            scorecard=scorecard,
            language=language,
        )
    if as_json:
        print_json(summary(run))
    else:
        show_run(run, place, language)


def summary(run: "PipelineRun") -> dict[str, Any]:
    """The JSON object of ``run --json``."""
    evaluation = run.evaluation.to_json()
    return {
        "rows": run.metadata.rows,
        "positives": run.metadata.positives,
        "split": run.metadata.split,
        "test": evaluation["test"],
        "baselines": evaluation["baselines"],
        "truth": evaluation.get("truth"),
        "calibrator": run.training.report["calibrator"]["kind"],
        "skill": evaluation["skill"],
        "warnings": list(run.training.report.get("warnings", [])),
        "seconds": run.seconds,
        "quarantined": [entry["column"] for entry in run.metadata.quarantined],
        "model_uri": run.registration.model_uri,
        "run_id": run.training.run_id,
    }


def show_run(run: "PipelineRun", workspace: Workspace, language: Language = "en") -> None:
    """The quality table, what was registered, and where the reports are."""
    from rich.markup import escape

    from pipelines.evaluation.terminal import show_evaluation
    from pipelines.pages.texts import texts_in
    from pipelines.registry.terminal import show_registration

    console, say = stdout(), texts_in(language)
    show_evaluation(console, run.evaluation, say)
    for reason in run.evaluation.quarantined:
        told = say("terminal.quarantined", reason=say.translated(reason))
        console.print(f"[yellow]{escape(told)}[/]", highlight=False)
    show_registration(console, run.registration, workspace, say)
    paths = f"{workspace.evaluation / 'report.html'}, {workspace.explanation / 'importance.html'}"
    console.print(say("terminal.reports", paths=paths))
