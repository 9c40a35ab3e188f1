"""Reasons: what moves a lead's probability most, as sentences, and how much is left unsaid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.arrays import Floats, Integers
from features.feature import FAMILIES, LANGUAGES, Feature, Language
from features.voice import leaning, speaks
from models.explanation.kernels import SILENT, SPEAKING, WHERE_KNOWN, Columns, Strongest, strongest
from models.explanation.points import places_of
from models.explanation.wording import Coded, Wording
from models.score import Reason

MIN_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
MIN_SHARE = 0.02  # of the sum of all signals' sizes
MOST = 8  # reasons per lead, unless another number is asked for
MOST_FAMILIES = 4  # of them, what is left of a family of signals


@dataclass(frozen=True)
class ReasonTable:
    """The reasons of n leads as columns (m,); those of lead i are ``start[i]:start[i + 1]``."""

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
        signals, place = places_of([feature.signal for feature in features])
        family_of = {feature.signal: feature.family for feature in reversed(self.features)}
        self.names = (*signals, *(f"other.{family}" for family in FAMILIES))
        leanings = [leaning(feature) for feature in features]
        self._columns = Columns(
            place=place,
            kind=_integers(FAMILIES.index(family_of[signal]) for signal in signals),
            order=np.argsort(place, kind="stable"),
            begin=np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(signals)))]),
            voice=_integers(map(_voice, features)),
            present=_integers(each.present for each in leanings),
            absent=_integers(each.absent for each in leanings),
            few=np.array([each.few for each in leanings], np.float64),
        )
        self._wording = {language: Wording(self.features, language) for language in LANGUAGES}

    def strongest(self, observed: Floats, log_odds: Floats, points: Floats, most: Integers) -> Strongest:
        """What is said of leads, at most ``most`` (n,) things of each, for SHAP values and points (n, features).

        ``observed`` are the features with NaN where nothing is known: nobody speaks of a value that was filled in.
        """
        return strongest(observed, log_odds, points, self._columns, most, MOST_FAMILIES, MIN_POINTS, MIN_SHARE)

    def of_leads(self, observed: Floats, strong: Strongest, languages: Sequence[Language]) -> list[tuple[Reason, ...]]:
        """The reasons of each lead in its language."""
        said = (strong.chosen, strong.speaker, strong.others, strong.points, strong.log_odds)
        rows = zip(*(each.tolist() for each in said), strict=True)
        return [
            tuple(
                Reason(self.names[name], wording.text(column, float(x[column]), effect, others), effect, moved)
                for name, column, others, effect, moved in zip(*row, strict=True)
                if name >= 0
            )
            for x, row, wording in zip(observed, rows, (self._wording[each] for each in languages), strict=True)
        ]

    def table(self, observed: Floats, strong: Strongest, language: Language) -> ReasonTable:
        """The same reasons of a batch in one language, as columns."""
        there = strong.chosen >= 0
        lead, column, effect = np.nonzero(there)[0], strong.speaker[there], strong.points[there]
        wording = self._wording[language]
        return ReasonTable(
            start=np.concatenate([[0], np.cumsum(there.sum(axis=1))]),
            signal=Coded(strong.chosen[there].astype(np.int32), self.names),
            text=wording.texts(column, observed[lead, column], effect, strong.others[there]),
            points=effect,
            log_odds=strong.log_odds[there],
        )


def _voice(feature: Feature) -> int:
    if not speaks(feature):
        return SILENT
    return WHERE_KNOWN if feature.filled else SPEAKING


def _integers(values: Iterable[int]) -> Integers:
    return np.fromiter(values, np.int64)
