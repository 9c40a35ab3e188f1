"""``whylead demo``."""

from pathlib import Path

from data_contracts.wording import counted
from pipelines.commands import options
from pipelines.commands.console import stdout
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"),
    budget: options.Budget = None,
    seed: options.Seed = None,
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
) -> None:
    """Simulate a company, train on its closed deals, and show scores with reasons.

    Example: `whylead demo`
    """
    from data_contracts.dataset import Dataset
    from pipelines.commands.run_command import show_run
    from pipelines.demonstration import show_leads, show_next_steps
    from pipelines.pipeline import run_pipeline
    from pipelines.simulation.simulator import simulate
    from pipelines.tables.tables import Tables
    from pipelines.workspace.resources import Resources

    chosen = options.load_params(params, budget_seconds=budget, seed=seed)
    space, resources = Workspace(workspace), Resources.of(memory)
    console = stdout()
    console.print(
        f"Simulating a company with {counted(chosen.simulate.leads, 'lead')}, then training on its closed deals."
    )
    with space.writing(), options.stages() as on_stage:
        simulate(chosen.simulate.leads, chosen.simulate.seed, space.source, on_progress=on_stage("simulate"))
        truth = space.source / "truth" / "probabilities.parquet"
        run = run_pipeline(space, "simulated", space.source, chosen, on_stage, truth, resources)
    show_run(run, space)
    with Tables(Dataset(space.tables), resources) as tables:
        show_leads(console, run.matrix, run.artifact, tables)
    show_next_steps(console, space)
