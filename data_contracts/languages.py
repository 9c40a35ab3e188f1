"""The languages that people read, and words that are given in some of them."""

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "es", "it"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def said(words: Mapping[Language, str], language: Language = LANGUAGES[0]) -> str:
    """The words in a language, else in English, else in the first language given.

    >>> said({"en": "City", "es": "Ciudad"}, "es"), said({"en": "City"}, "it")
    ('Ciudad', 'City')
    """
    return words.get(language) or words.get(LANGUAGES[0]) or next(iter(words.values()))
