"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.feature import LANGUAGES, Feature, Language
from features.phrases import phrasebook
from features.records import Floats
from models.explanation import places_of
from models.point_kernels import strongest
from models.score import Reason
from models.trees import Integers

SMALLEST_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
SMALLEST_SHARE = 0.02  # of the sum of all signals' sizes
_REMEMBERED = 100_000  # sentences, of some hundred bytes each


@dataclass(frozen=True)
class ReasonTable:
    """The reasons of n leads as columns; those of lead i are ``start[i]:start[i + 1]``, the largest first."""

    start: Integers  # (n + 1,)
    signal: Sequence[str]
    text: Sequence[str]
    points: Floats
    log_odds: Floats

    def of_lead(self, index: int) -> tuple[Reason, ...]:
        """The reasons of one lead."""
        rows = range(int(self.start[index]), int(self.start[index + 1]))
        return tuple(
            Reason(self.signal[row], self.text[row], float(self.points[row]), float(self.log_odds[row])) for row in rows
        )


class Reasons:
    """Chooses and words the reasons for leads scored on a list of features."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.signals, self._signal_of = places_of([feature.signal for feature in features])
        self._sentences: dict[Language, dict[tuple[int, float | None, bool], str]] = {each: {} for each in LANGUAGES}

    def of_leads(
        self, X: Floats, log_odds: Floats, points: Floats, *, language: Language = "en", most: int = 5
    ) -> ReasonTable:
        """At most ``most`` reasons per lead, the largest first, for features, SHAP values and points (n, features).

        Signals too small to be worth reading are left out; the largest one stays wherever anything moves the score.
        """
        found = strongest(log_odds, points, self._signal_of, len(self.signals), most, SMALLEST_POINTS, SMALLEST_SHARE)
        start, signals, texts = [0], [], []
        effects, moves = [], []
        rows = zip(*(each.tolist() for each in found), strict=True)
        for x, (chosen, speaker, effect, moved) in zip(X, rows, strict=True):
            for rank, signal in enumerate(chosen):
                if signal < 0:
                    break
                column, points_of_it = speaker[rank], effect[rank]
                signals.append(self.signals[signal])
                texts.append(self._text(column, float(x[column]), points_of_it, language))
                effects.append(points_of_it)
                moves.append(moved[rank])
            start.append(len(texts))
        return ReasonTable(np.array(start), signals, texts, np.array(effects, float), np.array(moves, float))

    def _text(self, column: int, value: float, effect: float, language: Language) -> str:
        """What a feature says of a lead, and how many points it is worth."""
        book, known = phrasebook(language), self._sentences[language]
        key = (column, value if value == value else None, effect > 0)
        sentence = known.get(key)
        if sentence is None:
            if len(known) > _REMEMBERED:
                known.clear()
            sentence = known[key] = book.sentence(self.features[column], value, raising=effect > 0)
        return f"{sentence}: {book.points(effect)}"
