import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
import pytest

from features.feature import FAMILIES, LANGUAGES, Dimension, Language
from features.values.attributes import CANONICAL
from features.values.calendar import CALENDAR
from features.values.windows import BEHAVIOURS
from models.evaluation.intervals import Estimate
from pipelines.explanation.importance import CHANNELS
from pipelines.pages.signal_names import signal_name
from pipelines.pages.texts import ENGLISH, texts_in
from pipelines.pages.translations import english_of

SPANISH, ITALIAN = texts_in("es"), texts_in("it")
NBSP = "\N{NO-BREAK SPACE}"


def _texts(content: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Keys with their texts; a glossary's words are keys of their own in each language."""
    if isinstance(content, str):
        yield key, content
    elif isinstance(content, dict):
        for number, (name, value) in enumerate(content.items()):
            yield from _texts(value, f"{key}.{number if key.endswith('words') else name}")


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_text_is_there_in_every_language_with_the_same_places(language: Language) -> None:
    english, other = dict(_texts(ENGLISH.content)), dict(_texts(texts_in(language).content))
    extra = {f"evaluation.about.calibrators.{name}" for name in ("isotonic", "sigmoid")}
    assert {key.lstrip(".") for key in english.keys() ^ other.keys()} <= extra
    for key, text in english.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", other[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_signal_family_and_column_has_a_name(language: Language) -> None:
    say = texts_in(language)
    windows = [window.feature for behaviour in BEHAVIOURS for window in behaviour.windows()]
    for feature in [*windows, *(each.feature for each in CALENDAR)]:
        assert say.get("signals", feature.signal), feature.signal
        assert signal_name(feature, say)[0].isupper()
    for attribute in CANONICAL:
        key = attribute.name if attribute.table == "leads" else f"account.{attribute.name}"
        assert say.get("signals", key), key
    assert set(say.entry("families")) == set(FAMILIES)
    assert set(say.entry("dimensions")) == set(get_args(Dimension))
    assert set(CHANNELS) <= set(say.entry("columns"))


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50%"), (0.054, "5.4%"), (0.954, "95.4%"), (float("nan"), "n/a"), (0.0, "0%"), (1.0, "100%"),
     (0.0002, "<0.1%"), (0.9998, ">99.9%")],
)  # fmt: skip
def test_shares_get_the_digits_that_they_deserve(share: float, text: str) -> None:
    assert ENGLISH.percent(share) == text


def test_numbers_are_written_as_readers_of_each_language_do() -> None:
    written = [[say.number(value, 0) for value in (999, 5553, 16945)] for say in (ENGLISH, SPANISH, ITALIAN)]
    assert written == [["999", "5,553", "16,945"], ["999", "5553", "16.945"], ["999", "5553", "16.945"]]
    assert [say.percent(0.137, 1) for say in (ENGLISH, SPANISH, ITALIAN)] == ["13.7%", f"13,7{NBSP}%", "13,7%"]
    assert ENGLISH.number(1e9, 1) == "1,000,000,000.0"


@pytest.mark.parametrize("value", [-0.0, -1e-9, 1e-9])
def test_what_rounds_to_nothing_has_no_sign(value: float) -> None:
    assert ENGLISH.number(value, 1) == "0.0"
    assert ENGLISH.points(value) == "+0.0"


def test_negative_numbers_have_a_minus_and_no_hyphen() -> None:
    assert (ENGLISH.number(-0.14, 1), ENGLISH.points(-0.031)) == ("\N{MINUS SIGN}0.1", "\N{MINUS SIGN}3.1")
    assert ENGLISH.interval(Estimate(0.0, -0.01, 0.02), 2) == "\N{MINUS SIGN}0.01 to 0.02"


def test_italian_articles_are_elided_before_eight_and_eleven() -> None:
    told = {share: ITALIAN("verdict.skill", found=ITALIAN.percent(share), interval="") for share in (0.08, 0.11, 0.18)}
    assert "trova l\N{RIGHT SINGLE QUOTATION MARK}8,0% degli" in told[0.08]
    assert "trova l\N{RIGHT SINGLE QUOTATION MARK}11% degli" in told[0.11]
    assert "trova il 18% degli" in told[0.18]
    assert "all\N{RIGHT SINGLE QUOTATION MARK}8 aprile" in ITALIAN(
        "data_until", date=ITALIAN.date(datetime(2025, 4, 8, tzinfo=UTC))
    )


def test_plurals_and_lists() -> None:
    assert [SPANISH("leads", count) for count in (1, 2)] == ["1 contacto", "2 contactos"]
    assert [SPANISH.listed(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a y b", "a, b y c"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_any_size_are_written(language: Language) -> None:
    for value in (1e300, -1e300, np.nan, 1e-300):
        assert texts_in(language).number(value, 1)


def test_a_percent_sign_never_stands_alone_on_a_line() -> None:
    told = [text for _, text in _texts(SPANISH.content)] + list(english_of("es").values())
    assert [text for text in told if " %" in text] == []
