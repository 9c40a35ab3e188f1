"""The texts that a model knows of a field: what the export's own words stand for, and a warning about all others."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from features.texts import normalised
from serving.schemas.answers import UnknownValue

NOT_LEARNED = "value not seen in training, or too rarely to learn from: it counts as a rare or new one"
NOT_SEEN = "type not seen in training: it counts as an activity of no type of its own"
_MAX_REMEMBERED = 1_000  # texts of a field
_LONGEST_REMEMBERED = 200  # characters
_MAX_COMPARED = 64  # characters
_CANDIDATES = 5
_LIKE = 0.6  # the least ratio of difflib


class Reading(NamedTuple):
    """What a text stands for, None where that is nothing, and where the model does not know it, what it may mean."""

    value: str | None
    unknown: bool = False
    did_you_mean: str | None = None


class KnownValues:
    """The values of one field. Texts are looked up in dictionaries; what was found is kept, as few come often.

    >>> known = KnownValues(["organic_search", "referral"], {"Organic Search": "organic_search"})
    >>> known.read("ORGANIC SEARCH").value, known.read("refferal").did_you_mean
    ('organic_search', 'referral')
    """

    def __init__(
        self, levels: Sequence[str] | None, translated: Mapping[str, str | None], message: str = NOT_LEARNED
    ) -> None:
        """``levels`` None: any value is known, as of a number."""
        self.message = message
        self._exact = frozenset(levels or ())
        self._levels = None if levels is None else {normalised(level): level for level in levels}
        self._translated = {normalised(text): value for text, value in translated.items()}
        self._nearest = Nearest(levels or ())
        self._known: dict[str, Reading] = {}

    def know(self, texts: Iterable[str]) -> bool:
        """Whether all texts are values that the model knows, as they are written."""
        return self._exact.issuperset(texts)

    def read(self, text: str) -> Reading:
        """What a text stands for."""
        reading = self._known.get(text)
        if reading is None:
            reading = self._read(text)
            if len(text) <= _LONGEST_REMEMBERED:
                if len(self._known) >= _MAX_REMEMBERED:
                    self._known.clear()
                self._known[text] = reading
        return reading

    def _read(self, text: str) -> Reading:
        key = normalised(text)
        if not key or (self._levels is not None and key in self._levels):
            return Reading(text)
        if key in self._translated:
            value = self._translated[key]
            if value is None or self._levels is None or normalised(value) in self._levels:
                return Reading(value)
            text = value
        if self._levels is None:
            return Reading(text)
        return Reading(text, unknown=True, did_you_mean=self._nearest.to(text))

    def warning(self, field: str, reading: Reading) -> UnknownValue:
        """The warning about a reading that is unknown."""
        return UnknownValue(field, self.message, reading.did_you_mean)


class Nearest:
    """Finds the word most like another: those that share most of its triples of letters are compared.

    >>> Nearest(["pricing_view", "page_view"]).to("pricing_veiw")
    'pricing_view'
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = list(words)
        self._holding: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            for triple in _triples(word):
                self._holding.setdefault(triple, []).append(place)

    def to(self, text: str) -> str | None:
        """The most similar word, None where none is similar."""
        shared = Counter(place for triple in _triples(text) for place in self._holding.get(triple, ()))
        candidates = {
            normalised(self._words[place]): self._words[place] for place, _ in shared.most_common(_CANDIDATES)
        }
        like = difflib.get_close_matches(normalised(text)[:_MAX_COMPARED], candidates, n=1, cutoff=_LIKE)
        return candidates[like[0]] if like else None


def _triples(text: str) -> set[str]:
    word = f" {normalised(text)[:_MAX_COMPARED].replace('_', ' ')} "
    return {word[start : start + 3] for start in range(len(word) - 2)}
