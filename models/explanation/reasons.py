"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.arrays import Floats, Integers
from features.feature import LANGUAGES, Feature, Language
from features.phrases import phrasebook
from models.explanation.kernels import strongest
from models.explanation.points import places_of
from models.score import Reason

MIN_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
MIN_SHARE = 0.02  # of the sum of all signals' sizes
_MAX_REMEMBERED = 100_000  # sentences, of some hundred bytes each


@dataclass(frozen=True)
class ReasonTable:
    """The reasons of n leads as columns; those of lead i are ``start[i]:start[i + 1]``, the largest first."""

    start: Integers  # (n + 1,)
    signal: Sequence[str]
    text: Sequence[str]
    points: Floats
    log_odds: Floats

    def by_lead(self) -> list[tuple[Reason, ...]]:
        """The reasons of each lead."""
        reasons = list(map(Reason, self.signal, self.text, self.points.tolist(), self.log_odds.tolist()))
        return [tuple(reasons[begin:end]) for begin, end in pairwise(self.start.tolist())]


class Reasons:
    """Chooses and words the reasons for leads scored on a list of features."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.signals, self._signal_of = places_of([feature.signal for feature in features])
        self._words = {language: _Words(self.features, language) for language in LANGUAGES}

    def of_leads(
        self, X: Floats, log_odds: Floats, points: Floats, languages: Sequence[Language], size: int = 5
    ) -> ReasonTable:
        """At most ``size`` reasons per lead, the largest first, for features, SHAP values and points (n, features).

        Signals too small to be worth reading are left out; the largest one stays wherever anything moves the score.
        """
        sums = strongest(log_odds, points, self._signal_of, len(self.signals), size, MIN_POINTS, MIN_SHARE)
        start, signals, texts = [0], [], []
        effects, moves = [], []
        rows = zip(*(each.tolist() for each in sums), strict=True)
        for x, (chosen, speaker, effect, moved), language in zip(X, rows, languages, strict=True):
            words = self._words[language]
            for rank, signal in enumerate(chosen):
                if signal < 0:
                    break
                column, worth = speaker[rank], effect[rank]
                signals.append(self.signals[signal])
                texts.append(words.text(column, float(x[column]), worth))
                effects.append(worth)
                moves.append(moved[rank])
            start.append(len(texts))
        return ReasonTable(np.array(start), signals, texts, np.array(effects, float), np.array(moves, float))


class _Words:
    """The sentences of one language, which few values of few features ask for again and again."""

    def __init__(self, features: Sequence[Feature], language: Language) -> None:
        self._features = features
        self._language: Language = language
        self._known: dict[tuple[int, Hashable, bool], str] = {}

    def text(self, column: int, value: float, effect: float) -> str:
        """What a feature says of a lead, and how many points it is worth."""
        book = phrasebook(self._language)
        key = (column, book.shown(self._features[column], value), effect > 0)
        sentence = self._known.get(key)
        if sentence is None:
            if len(self._known) > _MAX_REMEMBERED:
                self._known.clear()
            sentence = self._known[key] = book.sentence(self._features[column], value, raising=effect > 0)
        return f"{sentence}: {book.points(effect)}"
