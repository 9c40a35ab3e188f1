"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.arrays import Floats, Integers
from features.feature import LANGUAGES, Feature, Language
from models.explanation.kernels import Strongest, strongest
from models.explanation.points import places_of
from models.explanation.wording import Coded, Wording
from models.score import Reason

MIN_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
MIN_SHARE = 0.02  # of the sum of all signals' sizes


@dataclass(frozen=True)
class ReasonTable:
    """The reasons of n leads as columns (m,); those of lead i are ``start[i]:start[i + 1]``, the largest first."""

    start: Integers  # (n + 1,)
    signal: Coded
    text: Coded
    points: Floats
    log_odds: Floats

    def by_lead(self) -> list[tuple[Reason, ...]]:
        """The reasons of each lead."""
        columns = (self.signal.texts(), self.text.texts(), self.points.tolist(), self.log_odds.tolist())
        reasons = list(map(Reason, *columns))
        return [tuple(reasons[begin:end]) for begin, end in pairwise(self.start.tolist())]


class Reasons:
    """Chooses and words the reasons for leads scored on a list of features.

    ``of_leads`` words a few live leads, ``table`` a batch: there each distinct sentence is made once, and a lead holds
    nothing but codes. Tests hold the two equal.
    """

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.signals, self._signal_of = places_of([feature.signal for feature in features])
        self._wording = {language: Wording(self.features, language) for language in LANGUAGES}

    def of_leads(
        self, X: Floats, log_odds: Floats, points: Floats, languages: Sequence[Language], size: int = 5
    ) -> list[tuple[Reason, ...]]:
        """At most ``size`` reasons per lead, the largest first, for features, SHAP values and points (n, features).

        Signals too small to be worth reading are left out; the largest one stays wherever anything moves the score.
        """
        rows = zip(*(each.tolist() for each in self._strongest(log_odds, points, size)), strict=True)
        return [
            tuple(
                Reason(self.signals[signal], wording.text(column, float(x[column]), effect), effect, moved)
                for signal, column, effect, moved in zip(*row, strict=True)
                if signal >= 0
            )
            for x, row, wording in zip(X, rows, (self._wording[each] for each in languages), strict=True)
        ]

    def table(self, X: Floats, log_odds: Floats, points: Floats, language: Language, size: int = 5) -> ReasonTable:
        """The same reasons of a batch in one language, as columns."""
        strong = self._strongest(log_odds, points, size)
        there = strong.chosen >= 0
        lead, column, effect = np.nonzero(there)[0], strong.speaker[there], strong.points[there]
        return ReasonTable(
            start=np.concatenate([[0], np.cumsum(there.sum(axis=1))]),
            signal=Coded(strong.chosen[there].astype(np.int32), self.signals),
            text=self._wording[language].texts(column, X[lead, column], effect),
            points=effect,
            log_odds=strong.log_odds[there],
        )

    def _strongest(self, log_odds: Floats, points: Floats, size: int) -> Strongest:
        return strongest(log_odds, points, self._signal_of, len(self.signals), size, MIN_POINTS, MIN_SHARE)
