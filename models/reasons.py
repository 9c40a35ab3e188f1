"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.feature import Feature, Language
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
        self._sentences: dict[Language, dict[tuple[int, float | None, bool], str]] = {}

    def of_leads(
        self, X: Floats, log_odds: Floats, points: Floats, *, language: Language = "en", most: int = 5
    ) -> ReasonTable:
        """At most ``most`` reasons per lead, the largest first, for features, SHAP values and points (n, features).

        Signals too small to be worth reading are left out; the largest one stays wherever anything moves the score.
        """
        found = strongest(log_odds, points, self._signal_of, len(self.signals), most, SMALLEST_POINTS, SMALLEST_SHARE)
        kept = found.chosen >= 0
        row, speaker, effect = np.nonzero(kept)[0], found.speaker[kept], found.points[kept]
        return ReasonTable(
            start=np.concatenate([np.zeros(1, np.int64), np.cumsum(kept.sum(axis=1))]),
            signal=[self.signals[place] for place in found.chosen[kept].tolist()],
            text=self._texts(speaker.tolist(), X[row, speaker].tolist(), effect.tolist(), language),
            points=effect,
            log_odds=found.log_odds[kept],
        )

    def _texts(
        self, columns: Sequence[int], values: Sequence[float], effects: Sequence[float], language: Language
    ) -> list[str]:
        book, known = phrasebook(language), self._sentences.setdefault(language, {})
        if len(known) > _REMEMBERED:
            known.clear()
        texts = []
        for column, value, effect in zip(columns, values, effects, strict=True):
            key = (column, value if value == value else None, effect > 0)
            sentence = known.get(key)
            if sentence is None:
                sentence = known[key] = book.sentence(self.features[column], value, raising=effect > 0)
            texts.append(f"{sentence}: {book.points(effect)}")
        return texts
