"""What a registration looks like on the terminal."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.pages.metric_columns import METRIC_COLUMNS
from pipelines.pages.texts import ENGLISH

if TYPE_CHECKING:
    from models.evaluation.intervals import Estimate
    from pipelines.registry.comparison import Comparison
    from pipelines.registry.registration import Registration


def show_registration(console: Console, registration: "Registration") -> None:
    """Say which alias the model got; with a champion, compare both on the same test leads and give advice."""
    named = f"model {registration.model_version} as [bold]{registration.alias}[/]"
    console.print(f"Registered {named} (version {registration.version} in MLflow).", highlight=False)
    comparison = registration.comparison
    if comparison is None:
        return
    if comparison.champion:
        console.print(_table(comparison))
    console.print(escape(comparison.sentence()), highlight=False)
    if comparison.advice != "promote":
        console.print("To make it the champion all the same: [bold]whylead promote[/]")


def _table(comparison: "Comparison") -> Table:
    table = Table(title="The same test leads (95% intervals)")
    table.add_column("")
    table.add_column("challenger", justify="right")
    table.add_column(f"champion {comparison.champion_version}", justify="right")
    for name, column in METRIC_COLUMNS.items():
        cells = [
            _cell(metrics[name], column.digits) for metrics in (comparison.challenger, comparison.champion) if metrics
        ]
        table.add_row(f"{ENGLISH(f'metrics.{name}')} {column.arrow}", *cells)
    return table


def _cell(estimate: "Estimate", digits: int) -> str:
    return f"{ENGLISH.number(estimate.value, digits)} ({ENGLISH.interval(estimate, digits)})"
