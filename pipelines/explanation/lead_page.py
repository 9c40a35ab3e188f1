"""Why this lead: a score with its reasons as a page of its own, and on the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from data_contracts.replacing import replacing_file
from features.feature import Language
from features.phrases import Phrasebook, phrasebook
from models.explanation.reasons import MIN_POINTS
from models.score import Score
from pipelines.pages.page import render


@dataclass(frozen=True)
class ReasonRow:
    """One line of the list of reasons; ``begin`` and ``width`` of its bar are percents of the track."""

    text: str
    points: str
    direction: str
    begin: float
    width: float


def write_lead_page(score: Score, path: Path, language: Language = "en") -> None:
    """Write a score as one HTML file that needs nothing else; what comes from the data is escaped."""
    book = phrasebook(language)
    html = render(
        "lead_page.html.j2",
        score=score,
        language=language,
        words=book.words,
        percent=book.percent,
        points=book.points,
        stage=book.words("stages")[score.stage],
        because=because(score, book),
        rows=list(reason_rows(score, book)),
        dimensions=vars(score.dimensions),
    )
    with replacing_file(path) as file:
        file.write_text(html, encoding="utf-8")


def render_lead(score: Score, language: Language = "en") -> RenderableType:
    """A score with its reasons for the terminal."""
    book, interval = phrasebook(language), score.interval
    head = Text.assemble(
        (f"{score.lead_id}: ", "bold"),
        (book.percent(score.probability), "bold"),
        f" ({book.words('between').format(low=book.percent(interval.low), high=book.percent(interval.high))})",
    )
    stage = f"{book.words('stage')}: {book.words('stages')[score.stage]}"
    reason = because(score, book)
    place = Text(
        f"{book.words('score')} {score.score}/100 · {book.words('grade')} {score.grade} · {stage}"
        + (f" ({reason})" if reason else "")
    )
    base = book.words("base").format(
        base=book.percent(score.base_probability), probability=book.percent(score.probability)
    )
    return Group(head, place, Text(base), "", _reasons_table(score, book), "", _dimensions_line(score, book))


def because(score: Score, book: Phrasebook) -> str:
    """The stage's reason with what kind it is, such as ``missing: country``; empty where there is none."""
    if not score.stage_reason:
        return ""
    return f"{book.words('because').get(score.stage, '')}: {score.stage_reason}".removeprefix(": ")


def reason_rows(score: Score, book: Phrasebook) -> Iterator[ReasonRow]:
    """The reasons, and the sum of all signals that are not among them where it is worth reading."""
    shown = [(reason.text.rpartition(": ")[0], reason.points) for reason in score.reasons]
    rest = sum(vars(score.dimensions).values()) - sum(points for _, points in shown)
    if shown and abs(rest) >= MIN_POINTS:
        shown.append((book.words("rest"), rest))
    longest = max((abs(points) for _, points in shown), default=0.0) or 1.0
    for text, points in shown:
        width = round(50 * abs(points) / longest, 1)
        direction = "up" if points > 0 else "down"
        yield ReasonRow(text, book.points(points), direction, 50 - width if points < 0 else 50, width)


def _reasons_table(score: Score, book: Phrasebook) -> Table:
    table = Table(title=None, show_edge=False)
    table.add_column(book.words("reasons"), overflow="fold")
    table.add_column(book.words("points"), justify="right", no_wrap=True)
    for row in reason_rows(score, book):
        table.add_row(Text(row.text), Text(row.points, style="green" if row.direction == "up" else "red"))
    return table


def _dimensions_line(score: Score, book: Phrasebook) -> Text:
    names = book.words("dimensions")
    return Text(" · ".join(f"{names[name]} {book.points(points)}" for name, points in vars(score.dimensions).items()))
