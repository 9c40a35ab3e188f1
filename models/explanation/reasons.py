"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from features.arrays import Floats
from features.feature import LANGUAGES, Feature, Language
from features.phrases import Phrasebook, phrasebook
from models.explanation.kernels import strongest
from models.explanation.points import places_of
from models.score import Reason

MIN_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
MIN_SHARE = 0.02  # of the sum of all signals' sizes
_MAX_REMEMBERED = 100_000  # sentences, of some hundred bytes each


@dataclass(frozen=True)
class ReasonTable:
    """The reasons of n leads as columns; those of lead i are ``start[i]:start[i + 1]``, the largest first."""

    start: Sequence[int]  # (n + 1,)
    signal: Sequence[str]
    text: Sequence[str]
    points: Sequence[float]
    log_odds: Sequence[float]

    def by_lead(self) -> list[tuple[Reason, ...]]:
        """The reasons of each lead."""
        reasons = list(map(Reason, self.signal, self.text, self.points, self.log_odds))
        return [tuple(reasons[begin:end]) for begin, end in pairwise(self.start)]


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
        return ReasonTable(start, signals, texts, effects, moves)


class _Words:
    """The sentences of one language, which few values of few features ask for again and again."""

    def __init__(self, features: Sequence[Feature], language: Language) -> None:
        self._features = features
        self._language: Language = language
        self._known: dict[tuple[int, Hashable, bool], str] = {}

    def text(self, column: int, value: float, effect: float) -> str:
        """What a feature says of a lead, and how many points it is worth."""
        feature, raising = self._features[column], effect > 0
        key = (column, self._book.shown(feature, value), raising)
        sentence = self._known.get(key)
        if sentence is None:
            if len(self._known) > _MAX_REMEMBERED:
                self._known.clear()
            sentence = self._known[key] = self._book.sentence(feature, value, raising=raising)
        return f"{sentence}: {self._book.points(effect)}"

    @cached_property
    def _book(self) -> Phrasebook:
        return phrasebook(self._language)
