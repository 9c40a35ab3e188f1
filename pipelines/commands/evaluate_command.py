"""``whylead evaluate``."""

from pathlib import Path

from pipelines.commands.console import print_json, stdout
from pipelines.commands.options import JsonOption, ParamsOption, TruthOption, WorkspaceOption, stages
from pipelines.workspace.params import read_params
from pipelines.workspace.workspace import Workspace


def command(
    workspace: WorkspaceOption = Path("workspace"),
    truth: TruthOption = None,
    params: ParamsOption = Path("params.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Compare the model with the baselines on the test leads, and write the report.

    Example: `whylead evaluate --workspace workspace`
    """
    from pipelines.evaluation.stage import evaluate_model
    from pipelines.evaluation.terminal import show_evaluation
    from pipelines.registry.tracking import log_evaluation

    paths = Workspace(workspace)
    with stages() as on_stage:
        evaluation = evaluate_model(paths, read_params(params).evaluate, truth, on_stage("evaluate"))
        log_evaluation(paths, evaluation.to_json())
    if as_json:
        print_json(evaluation.to_json())
        return
    console = stdout()
    show_evaluation(console, evaluation)
    console.print(f"Report: {paths.evaluation / 'report.html'}", highlight=False)
    console.print("Next: [bold]whylead explain[/]")
