"""Why this lead: a score with its reasons as a page of its own, and on the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from data_contracts.replacing import replacing_file
from features.feature import Language
from features.phrases import Phrasebook, phrasebook, plural
from models.explanation.reasons import MIN_POINTS
from models.score import Score
from pipelines.explanation.one_lead import LeadScore
from pipelines.pages.page import render
from pipelines.pages.texts import texts_in


@dataclass(frozen=True)
class ReasonRow:
    """One line of the list of reasons; ``begin`` and ``width`` of its bar are percents of the track.

    The tracks reach from the reason that lowers most to the one that raises most.
    """

    text: str
    points: str
    direction: str
    begin: float
    width: float


def write_lead_page(lead: LeadScore, path: Path, language: Language = "en") -> None:
    """Write a score as one HTML file that needs nothing else; what comes from the data is escaped.

    Raises FileError where the file cannot be written.
    """
    book, score = phrasebook(language), lead.score
    html = render(
        "lead_page.html.j2",
        texts_in(language),
        score=score,
        profile=list(lead.profile.lines(book)),
        words=book.words,
        chance=book.chance,
        between=between(score, book),
        points=book.points,
        decided=decided(lead, book),
        outcome=lead.deal_outcome,
        asked=asked(lead, book),
        source=source(lead, book),
        rows=list(reason_rows(score, book)),
        dimensions=score.dimensions,
    )
    with replacing_file(path) as file:
        file.write_text(html, encoding="utf-8")


def render_lead(lead: LeadScore, language: Language = "en") -> RenderableType:
    """A score with its reasons for the terminal."""
    book, score = phrasebook(language), lead.score
    interval = between(score, book)
    head = Text(f"{score.lead_id}: {book.chance(score.probability)}", "bold")
    head.append(f" ({interval})" if interval else "", "not bold")
    place = Text(f"{book.words('score')} {score.score}/100 · {book.words('grade')} {score.grade} · {score.stage_text}")
    state = decided(lead, book)
    if state:
        head, place = Text.assemble((f"{score.lead_id}: ", "bold"), (state, "bold yellow")), Text(book.words("decided"))
    base = book.words("base").format(
        base=book.chance(score.base_probability), probability=book.chance(score.probability)
    )
    who = [Text(f"{name}: {parts}") for name, parts in lead.profile.lines(book)]
    when = Text(f"{asked(lead, book)} · {source(lead, book)}", style="dim")
    return Group(
        head, *who, place, when, Text(base), "", _reasons_table(score, book), "", _dimensions_line(score, book)
    )


def between(score: Score, book: Phrasebook) -> str:
    """The interval in words; empty where both ends read alike, such as ``<1%``."""
    return "" if book.chance(score.low) == book.chance(score.high) else book.between(score.low, score.high)


def decided(lead: LeadScore, book: Phrasebook) -> str:
    """What has become of the lead, such as ``Already a customer: bought on 9 April 2025``; empty while it is open."""
    if lead.deal_outcome == "open":
        return ""
    words = book.words(lead.deal_outcome)
    return str(words["dated"].format(date=book.date(lead.closed_at)) if lead.closed_at else words["undated"])


def asked(lead: LeadScore, book: Phrasebook) -> str:
    """What the probability is of: buying within the horizon, or at all."""
    if lead.horizon_days is None:
        return str(book.words("probability"))
    return plural(book.words("probability_within"), lead.horizon_days).format(n=book.number(lead.horizon_days))


def source(lead: LeadScore, book: Phrasebook) -> str:
    """Of when the score is, and of which model."""
    model = book.words("model").format(version=lead.model_version)
    return model if lead.as_of is None else f"{book.words('as_of').format(date=book.date(lead.as_of))} · {model}"


def reason_rows(score: Score, book: Phrasebook) -> Iterator[ReasonRow]:
    """The reasons, and the sum of all signals that are not among them where it is worth reading."""
    shown = [(reason.text.rpartition(" (")[0], reason.points) for reason in score.reasons]
    if shown and abs(score.rest) >= MIN_POINTS:
        shown.append((plural(book.words("rest"), score.rest_signals).format(n=score.rest_signals), score.rest))
    lowest = min((points for _, points in shown if points < 0), default=0.0)
    span = max((points for _, points in shown), default=0.0) - lowest or 1.0
    for text, points in shown:
        direction, begin = ("up", -lowest) if points > 0 else ("down", points - lowest)
        begin, width = (round(100 * each / span, 1) for each in (begin, abs(points)))
        yield ReasonRow(text, book.points(points), direction, begin, width)


def _reasons_table(score: Score, book: Phrasebook) -> Table:
    table = Table(title=None, show_edge=False)
    table.add_column(book.words("reasons"), overflow="fold")
    table.add_column(book.words("points"), justify="right", no_wrap=True)
    for row in reason_rows(score, book):
        table.add_row(Text(row.text), Text(row.points, style="green" if row.direction == "up" else "red"))
    return table


def _dimensions_line(score: Score, book: Phrasebook) -> Text:
    names = book.words("dimensions")
    return Text(" · ".join(f"{names[name]} {book.points(points)}" for name, points in score.dimensions.items()))
