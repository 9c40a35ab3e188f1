"""The report: what a simulation wrote, for a person."""

from rich.table import Table

from pipelines.simulation.simulator import SimulationFacts


def facts_table(facts: SimulationFacts) -> Table:
    """A table of the files with their rows, and of the outcomes."""
    table = Table(title=f"A simulated company in {facts.out} (seed {facts.seed})", title_justify="left")
    table.add_column("what")
    table.add_column("rows", justify="right")
    for name, rows in facts.rows.items():
        table.add_row(name, f"{rows:,}")
    table.add_section()
    for outcome in ("won", "lost", "open"):
        table.add_row(f"deals {outcome}", f"{getattr(facts, outcome):,}")
    table.caption = f"{facts.begin[:10]} to {facts.data_cutoff[:10]}; the true probabilities are in {facts.truth}"
    return table
