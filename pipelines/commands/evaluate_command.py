"""``whylead evaluate``."""

from pathlib import Path

from rich.markup import escape

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.params import read_params
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"),
    scorecard: options.Scorecard = None,
    truth: options.Truth = None,
    language: options.Language = "en",
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
    as_json: options.Json = False,
) -> None:
    """Compare the model with the baselines, and with the champion, on the test leads, and write the report.

    Example: `whylead evaluate --workspace workspace`
    """
    from pipelines.evaluation.stage import evaluate_model
    from pipelines.evaluation.terminal import show_evaluation
    from pipelines.pages.texts import texts_in
    from pipelines.registry.run import require_run
    from pipelines.registry.tracking import log_evaluation
    from pipelines.workspace.resources import Resources

    paths = Workspace(workspace)
    with paths.writing(), options.stages() as on_stage:
        require_run(paths)
        evaluation = evaluate_model(
            paths,
            read_params(params).evaluate,
            truth,
            on_stage("evaluate"),
            scorecard=scorecard,
            resources=Resources.of(memory),
            language=language,
        )
        log_evaluation(paths, evaluation.made_from["model"], evaluation.to_json())
    if as_json:
        print_json(evaluation.to_json())
        return
    console, say = stdout(), texts_in(language)
    show_evaluation(console, evaluation, say)
    console.print(say("terminal.report", path=str(paths.evaluation / "report.html")), highlight=False)
    console.print(say("terminal.next", command=f"[bold]{escape(paths.command('explain'))}[/]"), highlight=False)
