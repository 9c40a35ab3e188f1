"""What a registration looks like on the terminal."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from pipelines.registry.registration import Comparison, Registration


def show_registration(console: Console, registration: "Registration") -> None:
    """Say which alias the version got; with a champion, compare both on the same test leads."""
    console.print(f"Registered whylead version {registration.version} as [bold]{registration.alias}[/].")
    if registration.comparison is None:
        return
    console.print(_table(registration.comparison))
    if registration.comparison.note:
        console.print(registration.comparison.note)
    console.print("To make it the champion: [bold]whylead promote[/]")


def _table(comparison: "Comparison") -> Table:
    table = Table(title="The same test leads")
    table.add_column("metric")
    table.add_column("challenger", justify="right")
    table.add_column("champion", justify="right")
    for name, estimate in comparison.challenger.items():
        champion = comparison.champion[name] if comparison.champion else None
        table.add_row(name, _cell(estimate), _cell(champion) if champion else "-")
    return table


def _cell(estimate: dict[str, float]) -> str:
    return f"{estimate['value']:.4f} ({estimate['low']:.4f} to {estimate['high']:.4f})"
