import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.feature import LANGUAGES, Language
from features.phrases import Phrasebook
from models.explanation.kernels import distinct
from models.explanation.wording import Wording
from tests.features.test_phrases import FEATURES, VALUES

# Values near the middle between two that are shown, where decimal digits decide.
HALVES = st.integers(0, 400).flatmap(
    lambda half: st.sampled_from([half / 200 + shift for shift in (0.0, -1e-16, 1e-12, -1e-9)])
)
NUMBERS = st.one_of(st.sampled_from((*VALUES, math.inf, -0.0)), st.floats(0, 400), st.floats(0, 0.02), HALVES)
EFFECTS = st.one_of(st.floats(-1, 1), st.integers(-2001, 2001).map(lambda half: half / 2000))
OTHERS = st.integers(0, 3)
REASONS = st.lists(st.tuples(st.integers(0, len(FEATURES) - 1), NUMBERS, EFFECTS, OTHERS), max_size=60)


def value_of(column: int, value: float) -> float:
    """A value that the column may have: categories have numbers from 0 on."""
    return value if FEATURES[column].categories is None or not math.isfinite(value) else abs(math.floor(value))


@given(REASONS, st.sampled_from(LANGUAGES))
def test_a_batch_has_the_texts_of_single_reasons(
    reasons: list[tuple[int, float, float, int]], language: Language
) -> None:
    plain = [(column, value_of(column, value), effect, others) for column, value, effect, others in reasons]
    single = [Wording(FEATURES, language).text(*each) for each in plain]
    column, others = (np.array([each[k] for each in plain], np.int64) for k in (0, 3))
    value, effect = (np.array([each[k] for each in plain], np.float64) for k in (1, 2))
    assert Wording(FEATURES, language).texts(column, value, effect, others).texts() == single


def test_each_sentence_and_each_text_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, float]] = []
    sentence = Phrasebook.sentence

    def counted(book: Phrasebook, feature: object, value: float, *, raising: bool) -> str:
        made.append((FEATURES[0].name, value))
        return sentence(book, FEATURES[0], value, raising=raising)

    monkeypatch.setattr(Phrasebook, "sentence", counted)
    wording, column = Wording(FEATURES, "en"), np.zeros(1000, np.int64)
    value = np.tile([3.0, 4.0], 500)
    texts = wording.texts(column, value, np.full(1000, 0.0301), column)
    assert len(made) == len(texts.levels) == len(set(texts.levels)) == 2
    wording.texts(column, value, np.full(1000, 0.2), column)
    assert len(made) == 2


@given(st.lists(st.one_of(st.integers(-3, 3), st.integers(-(1 << 63), (1 << 63) - 1)), max_size=200))
def test_distinct_keys_are_numbered_as_they_appear(keys: list[int]) -> None:
    codes, first = distinct(np.array(keys, np.int64))
    levels = list(dict.fromkeys(keys))
    assert codes.tolist() == [levels.index(key) for key in keys]
    assert first.tolist() == [keys.index(level) for level in levels]
