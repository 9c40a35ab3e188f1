"""``whylead train``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"),
    budget: options.Budget = None,
    trials: options.Trials = None,
    seed: options.Seed = None,
    agreement: Annotated[
        Path | None,
        typer.Option(help="YAML file with the agreement between marketing and sales (default: the built-in one)."),
    ] = None,
    params: options.ParamsFile = Path("params.yaml"),
    as_json: options.Json = False,
) -> None:
    """Train a calibrated model on the feature matrix; writes the artifact and an MLflow run.

    Example: `whylead train --budget 60 --seed 0`
    """
    from pipelines.training.stage import train_model

    place = Workspace(workspace)
    chosen = options.load_params(params, budget_seconds=budget, trials=trials, seed=seed)
    with place.writing(), options.stages() as on_stage:
        training = train_model(place, chosen.train, agreement, on_stage("train"))
    if as_json:
        print_json(
            {
                "run_id": training.run_id,
                "model_uri": training.model_uri,
                "seconds": training.seconds,
                "facts": dict(training.report),
            }
        )
        return
    console = stdout()
    console.print(f"Model: {place.model}  (MLflow run {training.run_id}, {training.seconds:.0f} s)")
    for warning in training.report.get("warnings", []):
        console.print(f"[yellow]Note:[/] {warning}")
    console.print(f"Next: [bold]{escape(place.command('evaluate'))}[/]", highlight=False)
