"""What countries and languages are called, from Unicode's CLDR."""

from functools import cache

from data_contracts.languages import LANGUAGES, Language


def country(text: str, language: Language) -> str | None:
    """The name of a country that is written as its code or in English, Spanish or Italian; None for anything else.

    >>> country("DE", "es"), country("Germany", "it"), country("Atlantis", "en")
    ('Alemania', 'Germania', None)
    """
    return _named("territories", text, language)


def tongue(text: str, language: Language) -> str | None:
    """The same of a language.

    >>> tongue("en", "es"), tongue("german", "en"), tongue("Klingonian", "en")
    ('inglés', 'German', None)
    """
    return _named("languages", text, language)


def _named(kind: str, text: str, language: Language) -> str | None:
    code = _codes(kind).get(text.strip().casefold().replace("-", "_"))
    return None if code is None else _names(kind, language).get(code)


@cache
def _names(kind: str, language: Language) -> dict[str, str]:
    from babel import Locale  # takes some milliseconds, and many models have neither countries nor languages

    return dict(getattr(Locale(language), kind))


@cache
def _codes(kind: str) -> dict[str, str]:
    """The code by itself and by each name, in lower case; of regions such as 150, which is Europe, only the name."""
    codes = {name.casefold(): code for each in LANGUAGES for code, name in _names(kind, each).items()}
    return codes | {code.casefold(): code for code in _names(kind, LANGUAGES[0]) if not code.isdigit()}
