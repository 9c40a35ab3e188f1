"""The report: what a simulation wrote, for a person."""

from rich.table import Table

from pipelines.simulation.simulator import SimulationReport


def report_table(report: SimulationReport) -> Table:
    """A table of the files with their rows, and of the outcomes."""
    table = Table(title=f"A simulated company in {report.out} (seed {report.seed})", title_justify="left")
    table.add_column("what")
    table.add_column("rows", justify="right")
    for name, rows in report.rows.items():
        table.add_row(name, f"{rows:,}")
    table.add_section()
    for outcome in ("won", "lost", "open"):
        table.add_row(f"deals {outcome}", f"{getattr(report, outcome):,}")
    table.caption = f"{report.begin[:10]} to {report.data_cutoff[:10]}; the true probabilities are in {report.truth}"
    return table
