"""What a registration looks like on the terminal."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.pages.metric_columns import METRIC_COLUMNS
from pipelines.pages.texts import ENGLISH, Texts

if TYPE_CHECKING:
    from models.evaluation.intervals import Estimate
    from pipelines.registry.comparison import Comparison
    from pipelines.registry.registration import Registration
    from pipelines.workspace.workspace import Workspace


def show_registration(
    console: Console, registration: "Registration", workspace: "Workspace", say: Texts = ENGLISH
) -> None:
    """Say which alias the model got; with a champion, compare both on the same test leads and give advice."""
    alias = f"[bold]{say.get('terminal.aliases', registration.alias, registration.alias)}[/]"
    model, version = registration.model_version, str(registration.version)
    console.print(say("terminal.registered", model=model, alias=alias, version=version), highlight=False)
    comparison = registration.comparison
    if comparison is None:
        return
    if comparison.champion:
        console.print(_table(comparison, say))
    console.print(escape(comparison.sentence(say)), highlight=False)
    if comparison.advice != "promote":
        console.print(
            say("terminal.promote_anyway", command=f"[bold]{escape(workspace.command('promote'))}[/]"), highlight=False
        )


def _table(comparison: "Comparison", say: Texts) -> Table:
    table = Table(title=say("terminal.same_leads"))
    table.add_column("")
    table.add_column(say("terminal.aliases.challenger"), justify="right")
    champion = say("terminal.aliases.champion")
    table.add_column(f"{champion} {comparison.champion_version}", justify="right")
    for name, column in METRIC_COLUMNS.items():
        cells = [
            _cell(metrics[name], column.digits, say)
            for metrics in (comparison.challenger, comparison.champion)
            if metrics
        ]
        table.add_row(f"{say(f'metrics.{name}')} {column.arrow}", *cells)
    return table


def _cell(estimate: "Estimate", digits: int, say: Texts) -> str:
    return f"{say.number(estimate.value, digits)} ({say.interval(estimate, digits)})"
