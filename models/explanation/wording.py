"""The words of reasons in one language: a sentence, and how many points it is worth."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.arrays import Codes, Flags, Floats, Integers
from features.feature import Feature, Language
from features.phrases import HOURS_PER_DAY, MIN_SHOWN, MIN_WHOLE_POINTS, MINUTES_PER_DAY, Phrasebook, phrasebook
from models.explanation.kernels import distinct

_MAX_REMEMBERED = 20_000  # sentences, of some hundred bytes each
_TIE = 1e-6  # so near to the middle of two numbers that decimal digits decide which of them is shown
_LARGE = 1e9  # numbers from here on are not rounded to find equal ones
_CODES = np.int64(1) << 32  # a pair of codes is one number: the first times this, plus the second


@dataclass(frozen=True)
class Coded:
    """Texts (m,) as codes of ``levels``."""

    codes: Codes
    levels: Sequence[str]

    def texts(self) -> list[str]:
        """One text each."""
        return [self.levels[code] for code in self.codes.tolist()]


class Wording:
    """The sentences of one language, which few values of few features ask for again and again."""

    def __init__(self, features: Sequence[Feature], language: Language) -> None:
        self._features = features
        self._language: Language = language
        self._known: dict[tuple[int, Hashable, bool, int], str] = {}

    def text(self, column: int, value: float, effect: float, others: int = 0) -> str:
        """What a feature says of a lead, with so many other signals of its family, and how many points it is worth."""
        return f"{self._sentence(column, value, effect > 0, others)} ({self._book.points(effect)})"

    def texts(self, column: Integers, value: Floats, effect: Floats, others: Integers) -> Coded:
        """The same for m reasons: each distinct sentence, number of points and text is made once."""
        shown = distinct(_pairs(2 * column + (effect > 0), distinct(self._shown(column, value))[0]))[0]
        sentence, first = distinct(_pairs(others, shown))
        each = (column, value, effect > 0, others)
        sentences = [self._sentence(*one) for one in zip(*(array[first].tolist() for array in each), strict=True)]
        worth, first = distinct(_shown_points(effect))
        points = [self._book.points(each) for each in effect[first].tolist()]
        code, first = distinct(_pairs(sentence, worth))
        both = zip(sentence[first].tolist(), worth[first].tolist(), strict=True)
        return Coded(code, [f"{sentences[one]} ({points[other]})" for one, other in both])

    def _sentence(self, column: int, value: float, raising: bool, others: int) -> str:
        feature = self._features[column]
        key = (column, self._book.shown(feature, value), raising, others)
        sentence = self._known.get(key)
        if sentence is None:
            if len(self._known) > _MAX_REMEMBERED:
                self._known.clear()
            sentence = self._book.sentence(feature, value, raising=raising)
            sentence = self._known[key] = self._book.with_others(feature, sentence, others) if others else sentence
        return sentence

    def _shown(self, column: Integers, value: Floats) -> Integers:
        """A number (m,) per value: in one column, values for which it is equal have the same sentence."""
        keys, shown = _bits(value), (value > 0) & (value < _LARGE)
        for word, round_ in (("duration", _shown_durations), ("n", _shown_numbers)):
            here = shown & self._shows[word][column]
            keys[here] = round_(value[here])
        return keys

    @cached_property
    def _shows(self) -> dict[str, Flags]:
        """Whether sentences about each feature show nothing of a value but a duration, or a number."""
        words = [self._book.shows(feature) for feature in self._features]
        return {word: np.array([each == word for each in words]) for word in ("duration", "n")}

    @cached_property
    def _book(self) -> Phrasebook:
        return phrasebook(self._language)


def _shown_durations(days: Floats) -> Integers:
    """Equal for durations (m,) above 0 that are shown alike."""
    minutes = np.maximum(np.rint(days * MINUTES_PER_DAY), 1)
    hours, whole_days = np.rint(minutes / 60), np.maximum(np.rint(days), 1)
    unit = np.where(minutes < 60, 0, np.where(hours < HOURS_PER_DAY, 1, 2))
    return (4 * np.choose(unit, (minutes, hours, whole_days)) + unit).astype(np.int64)


def _shown_numbers(value: Floats) -> Integers:
    """Equal for numbers (m,) above 0 that are shown alike: with two decimals, from 100 on with none."""
    shown = np.where(value >= 100, 100 * np.rint(value), np.rint(100 * value))
    keys = np.where(value >= MIN_SHOWN, shown, -1).astype(np.int64)
    return np.where(_between(100 * value), _bits(value), keys)


def _shown_points(effect: Floats) -> Integers:
    """Equal for effects (m,) that are shown as the same number of points."""
    points = 100 * effect
    keys = np.where(np.abs(effect) >= MIN_WHOLE_POINTS, 10 * np.rint(points), np.rint(10 * points)).astype(np.int64)
    return np.where(_between(10 * points), _bits(effect), keys)


def _between(value: Floats) -> Flags:
    return np.abs(value - np.floor(value) - 0.5) < _TIE


def _bits(value: Floats) -> Integers:
    """The values themselves as integers; no rounded number is as large, unless it is 0 or not above it."""
    return np.array(value, np.float64).view(np.int64)


def _pairs(first: Integers | Codes, second: Integers | Codes) -> Integers:
    return first.astype(np.int64) * _CODES + second
