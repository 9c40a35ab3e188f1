"""``whylead demo``."""

from pathlib import Path

from pipelines.commands.console import stdout
from pipelines.commands.options import BudgetOption, ParamsOption, SeedOption, WorkspaceOption, load_params, stages
from pipelines.workspace.workspace import Workspace


def command(
    workspace: WorkspaceOption = Path("workspace"),
    budget: BudgetOption = None,
    seed: SeedOption = None,
    params: ParamsOption = Path("params.yaml"),
) -> None:
    """Simulate a company, train on its closed deals, and show scores with reasons.

    Example: `whylead demo`
    """
    from pipelines.commands.run_command import show_run
    from pipelines.demonstration import show_leads, show_next_steps
    from pipelines.pipeline import run_pipeline
    from pipelines.simulation.simulator import simulate

    chosen = load_params(params, budget=budget, seed=seed)
    space = Workspace(workspace)
    console = stdout()
    console.print(f"Simulating a company with {chosen.simulate.leads:,} leads, then learning from its closed deals.")
    with stages() as on_stage:
        simulate(chosen.simulate.leads, chosen.simulate.seed, space.source, on_progress=on_stage("simulate"))
        truth = space.source / "truth" / "probabilities.parquet"
        run = run_pipeline(space, "simulated", space.source, chosen, on_stage, truth)
    show_run(run, space)
    show_leads(console, space)
    show_next_steps(console, space)
