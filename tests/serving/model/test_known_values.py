"""Texts that a model knows, what the export's own words stand for, and hints for all others."""

import gc
import string
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.live import _LiveAttribute
from serving.model.artifact_model import load_model
from serving.model.known_values import KnownValues, Nearest
from serving.schemas.requests import ScoreRequest
from tests.serving.conftest import Company

SOURCES = ["organic_search", "paid_search", "referral", "trade_show"]
TRANSLATED = {"Organic Search": "organic_search", "Messe": "trade_show", "-": None, "Radio": "radio"}


def known() -> KnownValues:
    return KnownValues(SOURCES, TRANSLATED)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("referral", "referral"),
        ("  Referral ", "  Referral "),  # features compare without regard to case and white space
        ("Organic Search", "organic_search"),
        ("ORGANIC  search", "organic_search"),
        ("messe", "trade_show"),
        ("-", None),
        ("", ""),
    ],
)
def test_what_the_model_knows_and_the_words_of_the_export_are_read(text: str, value: str | None) -> None:
    reading = known().read(text)
    assert (reading.value, reading.unknown) == (value, False)


@pytest.mark.parametrize(
    ("text", "value", "meant"),
    [
        ("refferal", "refferal", "referral"),
        ("Organik Search", "Organik Search", "organic_search"),
        ("tradeshow", "tradeshow", "trade_show"),
        ("zzz", "zzz", None),
        ("Radio", "radio", None),  # translated, but to what the model did not learn
    ],
)
def test_what_the_model_does_not_know_is_told_with_what_it_may_mean(text: str, value: str, meant: str | None) -> None:
    reading = known().read(text)
    assert (reading.value, reading.unknown, reading.did_you_mean) == (value, True, meant)


def test_a_value_that_the_model_knows_is_never_translated() -> None:
    swapped = KnownValues(["a", "b"], {"a": "b", "b": "a", "c": "b"})
    assert [swapped.read(text).value for text in "abc"] == ["a", "b", "b"]


def test_of_a_field_without_levels_everything_is_known() -> None:
    assert not KnownValues(None, {"none": "0"}).read("anything").unknown
    assert KnownValues(None, {"none": "0"}).read("None").value == "0"


@given(st.text(max_size=200))
def test_any_text_is_read_the_same_way_twice(text: str) -> None:
    values = known()
    assert values.read(text) == values.read(text)


@given(st.sampled_from(SOURCES), st.integers(0, 30), st.sampled_from(string.ascii_lowercase))
def test_one_wrong_letter_is_recognised(word: str, place: int, letter: str) -> None:
    at = place % len(word)
    spoilt = word[:at] + letter + word[at + 1 :]
    assert Nearest(SOURCES).to(spoilt) == word


def test_a_thousand_levels_and_a_new_value_each_time_cost_little() -> None:
    values = KnownValues([f"Head of {a} {b}" for a in string.ascii_letters for b in range(20)], {})
    started = time.perf_counter()
    for number in range(100):
        values.read(f"Head of Operations {number}")
    assert (time.perf_counter() - started) / 100 < 0.01


def test_what_is_remembered_of_an_attribute_is_bounded(company: Company) -> None:
    model = load_model(company.artifact)
    requests = [
        ScoreRequest.model_validate({"lead": {"source": f"{number}{'x' * length}", "product": f"{number}"}})
        for number in range(1500)
        for length in (50, 900)
    ]
    for start in range(0, len(requests), 500):
        model.score(requests[start : start + 500], [""] * 500, datetime.now(UTC))
    kept = [each._numbers for each in gc.get_objects() if type(each) is _LiveAttribute]
    assert any("1499" in each for each in kept)
    for each in kept:
        assert len(each) <= 1000
        assert max(map(len, each), default=0) <= 100


def test_what_is_remembered_is_bounded_in_number_and_length() -> None:
    known = KnownValues(["web"], {})
    for number in range(3000):
        assert known.read(f"{number} {'x' * 100}").unknown
        assert known.read(f"{number} {'x' * 1000}").unknown
    assert len(known._known) <= 1000
    assert max(map(len, known._known)) <= 200
