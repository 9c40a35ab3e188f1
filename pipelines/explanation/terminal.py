"""What an explanation looks like on the terminal."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.explanation.importance import Importance
from pipelines.pages.texts import ENGLISH, Texts

_SHOWN = 12


def show_importance(console: Console, importance: Importance, say: Texts = ENGLISH) -> None:
    """Print the signals that move the probability most, and which side of them helps and hurts."""
    console.print(f"[bold]{escape(importance.headline(say))}[/]", highlight=False)
    if importance.moving.empty:
        return
    shown = Table(title=say("importance.learned", importance.leads), title_justify="left", box=box.SIMPLE_HEAD)
    for key in ("signal", "kind", "moves", "helps", "hurts"):
        shown.add_column(say(f"importance.signals.{key}"), justify="right" if key == "moves" else "left")
    for row in importance.moving.head(_SHOWN).to_dict("records"):
        sides = [_side(row[side], row[f"{side}_points"], say) for side in ("raises", "lowers")]
        moves = say.number(100 * row["points"], 2)
        shown.add_row(escape(row["label"]), say(f"families.{row['family']}"), moves, *sides)
    console.print(shown)


def _side(name: str, points: float, say: Texts) -> str:
    return f"{escape(name)} ({say.points(points)})" if name else ""
