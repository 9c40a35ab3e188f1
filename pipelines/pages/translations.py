"""Sentences that other stages made in English, in the language of a page (pages/translations/*.yaml).

They are stored as they were made, in models, tables and results; a page that is written later finds each by the English
template that it was made of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from features.feature import Language
from features.phrases import phrasebook

DIRECTORY = Path(__file__).parent / "translations"
_MINUS = "\N{MINUS SIGN}"
_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?%?"
_PLACES = {"n": _NUMBER, "name": r"\S+?", "list": r"\S+?(?:, \S+?)*?", "text": r".+?", "where": r"(?: \(.+\))?"}
_PLACE = re.compile(r"{(n|name|list|text|where)(\d?)}")


@dataclass(frozen=True)
class _Template:
    """An English template as a pattern, and the same in another language."""

    pattern: re.Pattern[str]
    other: str

    @classmethod
    def of(cls, english: str, other: str) -> "_Template":
        texts = _PLACE.split(english)[::3]
        kinds = [(found[1], found[2]) for found in _PLACE.finditer(english)]
        places = [f"(?P<{kind}{number}>{_PLACES[kind]})" for kind, number in kinds]
        parts = [re.escape(text) + place for text, place in zip(texts, [*places, ""], strict=True)]
        return cls(re.compile("".join(parts), re.DOTALL), other)


@dataclass(frozen=True)
class Translations:
    """The templates of one language; ``parts`` are found within other sentences only. The most literal come first."""

    language: Language
    sentences: tuple[_Template, ...]
    parts: tuple[_Template, ...]

    def __call__(self, sentence: str) -> str | None:
        """The sentence, or several with a semicolon between them, in this language; None where one is not known."""
        if sentence.endswith("."):
            bare = self(sentence[:-1])
            return None if bare is None else f"{bare}."
        whole = self._filled(sentence, self.sentences)
        if whole is not None:
            return whole
        first, mark, rest = sentence.partition("; ")
        told = [self(first), self(rest)] if mark else []
        return "; ".join(each for each in told if each) if told and all(told) else None

    def _filled(self, sentence: str, templates: tuple[_Template, ...]) -> str | None:
        for template in templates:
            if found := template.pattern.fullmatch(sentence):
                values = {place: self._within(place, text) for place, text in found.groupdict().items()}
                return template.other.format(**values)
        return None

    def _within(self, place: str, text: str) -> str:
        """What stands in a place: a number as it is written here, a text translated where it can be."""
        if re.fullmatch(_NUMBER, text):
            return number(text, self.language)
        if not place.startswith(("text", "where")):
            return text
        known = self._filled(text, (*self.sentences, *self.parts))
        if known is not None or ", " not in text:
            return known or text
        return ", ".join(self._within(place, each) for each in text.split(", "))


def number(english: str, language: Language) -> str:
    """A number as English writes it with the marks of a language: ``12.3%`` as ``12,3 %``."""
    marks = phrasebook(language).content["number"]
    bare = english.rstrip("%").lstrip("+-")
    if float(bare.replace(",", "")) < marks["grouped_from"]:
        bare = bare.replace(",", "")
    shown = bare.translate(str.maketrans({",": marks["thousands"], ".": marks["decimal"]}))
    shown = (_MINUS if english.startswith("-") else "+" if english.startswith("+") else "") + shown
    return marks["percent"].format(n=shown) if english.endswith("%") else shown


def english_of(language: Language, key: str = "sentences") -> Mapping[str, str]:
    """The templates of a language by the English ones; of English there are none."""
    path = DIRECTORY / f"{language}.yaml"
    if not path.exists():
        return {}
    content: Mapping[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))[key]
    return content


@cache
def translations(language: Language) -> Translations:
    """The translations into a language."""
    return Translations(language, *(_ordered(english_of(language, key)) for key in ("sentences", "parts")))


def _ordered(content: Mapping[str, str]) -> tuple[_Template, ...]:
    ordered = sorted(content, key=lambda english: -len(_PLACE.sub("", english)))
    return tuple(_Template.of(english, content[english]) for english in ordered)
