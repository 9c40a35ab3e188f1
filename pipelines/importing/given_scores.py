"""Columns with a score that the CRM itself gave, told by their headers."""

import re

# Points and scores in the languages that drafts know; where the word is of something else, another word says so.
_SCORE = re.compile(
    r"(score|scoring)s?(_|$)"
    r"|(^|_)(points?|puntos?|puntuaci[oó]n|puntaje|punti|punteggio|punkte|punktzahl|pontos|pontua[cç][aã]o|punkty"
    r"|punten|puan|puanı|skor|skoru|баллы|баллов|скоринг|スコア|得点)(_|$)"  # noqa: RUF001 - Turkish and Russian
)
_OF_SOMETHING_ELSE = re.compile(
    r"(^|_)(credit|cr[eé]dito|credito|kredit|schufa|fico|bonit[aä]t\w*|nps|promoter|exam|test|iq|review|loyalty|bonus"
    r"|reward|data|pain|access|touch|open)(_|$)"
)
_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")


def is_given_score(column: str) -> bool:
    """Whether a header says that the numbers below it are a score of the lead.

    >>> [is_given_score(name) for name in ("HubSpot Score", "lead_score", "Punti CRM", "Credit score", "Seats")]
    [True, True, True, False, False]
    """
    name = "_".join(_BREAK.split(column)).casefold()
    return bool(_SCORE.search(name)) and not _OF_SOMETHING_ELSE.search(name)
