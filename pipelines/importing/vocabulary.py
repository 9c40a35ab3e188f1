"""The words of CRMs in eleven languages: what a header or a value says, whatever its case, accents and joints."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_name("vocabulary.yaml")
NOT_DECOMPOSED = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
LONGEST = 200  # characters that are looked at
JOINED = re.compile(  # closeDate, 商談ID
    "(?<=[a-zà-ÿ0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])|(?<=[\u3040-\u9fff])(?=[A-Za-z0-9])"
)
# What programs put around the name of a field: properties.source, fields__source, custom[source], Lead_Source__c.
WRAPPING = re.compile(
    r"^(?:(?:custom|custom[ _-]?fields?|propert(?:y|ies)|fields?|attributes?|data|record|cf|udf)"
    r"(?:\.(?=\S)|__|\[|->|::))+"
    r"|^cf_|(?:\]|\.values?|\.label|__p?c)+$",
    re.IGNORECASE,
)
WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@cache
def bare(header: str) -> str:
    """A header without what programs put around the name of a field.

    >>> bare("properties.source"), bare("fields__Lead Source"), bare("custom[source]"), bare("Source__c")
    ('source', 'Lead Source', 'source', 'Source')
    """
    return WRAPPING.sub("", header) or header


@lru_cache(maxsize=50_000)  # cells too, not headers alone
def folded(words: str) -> str:
    """Lower-case words without accents, one space between them, of a header its bare ones.

    >>> folded("Fecha de creación"), folded("closeDate"), folded("6 - Closed_Won"), folded("custom.Source")
    ('fecha de creacion', 'close date', '6 closed won', 'source')
    """
    apart = JOINED.sub(" ", unicodedata.normalize("NFKC", bare(words[:LONGEST]))).casefold().translate(NOT_DECOMPOSED)
    plain = "".join(letter for letter in unicodedata.normalize("NFD", apart) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def says(words: str, meaning: str) -> bool:
    """Does any word, or run of words, mean this?"""
    return bool(pattern(meaning).search(folded(words)))


def is_all(words: str, meaning: str) -> bool:
    """Is this all that the words say?"""
    return bool(pattern(meaning).fullmatch(folded(words)))


def ends_in(words: str, meaning: str) -> bool:
    """Do the last words mean this?"""
    return bool(re.search(f"(?:{pattern(meaning).pattern})$", folded(words)))


def without(words: str, meaning: str) -> str:
    """The folded words but for those that mean this."""
    return " ".join(pattern(meaning).sub(" ", folded(words)).split())


@cache
def pattern(meaning: str) -> re.Pattern[str]:
    """What finds the words of a meaning in folded words."""
    phrases = sorted((each.strip() for each in _vocabulary()[meaning].split(";")), key=len, reverse=True)
    return re.compile("|".join(_phrase(each) for each in phrases))


def _phrase(phrase: str) -> str:
    body = r"\w*".join(re.escape(folded(part)) for part in phrase.split("*"))
    return body if WITHOUT_SPACES.search(phrase) else rf"\b{body}\b"


@cache
def _vocabulary() -> dict[str, str]:
    words: dict[str, str] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words
