"""What an explanation looks like on the terminal."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.explanation.importance import Importance

_SHOWN = 12


def show_importance(console: Console, importance: Importance) -> None:
    """Print the signals that move the probability most, and which side of them helps and hurts."""
    console.print(f"[bold]{escape(importance.headline())}[/]", highlight=False)
    if importance.moving.empty:
        return
    title = f"The strongest signals ({importance.leads:,} test leads)"
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    shown.add_column("Signal")
    shown.add_column("Kind")
    shown.add_column("Moves (points)", justify="right")
    shown.add_column("Helps most")
    shown.add_column("Hurts most")
    for row in importance.moving.head(_SHOWN).to_dict("records"):
        sides = [_side(row[side], row[f"{side}_points"]) for side in ("raises", "lowers")]
        shown.add_row(escape(row["label"]), row["family"], f"{100 * row['points']:.2f}", *sides)
    console.print(shown)


def _side(name: str, points: float) -> str:
    return f"{escape(name)} ({100 * points:+.1f})" if name else ""
