from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from features.feature import LANGUAGES, Feature, Language
from features.values.windows import Aggregate, Window
from features.voice import SILENT, leaning, speaks
from models.explanation.reasons import Reasons
from models.score import Reason
from tests.features.test_phrases import FEATURES as ALL_FEATURES


def window(activity: str, span: float) -> Feature:
    return Window(activity, "count", span, (activity,), "lead", "intent", activity).feature


def attribute(name: str) -> Feature:
    return Feature(name, "demographic", name, "number", "", "attribute_numeric", label=name)


FEATURES = (window("pricing_view", 7), window("pricing_view", 30), attribute("rooms"), attribute("floor"))
X = np.array([4.0, 9.0, 3.0, 1.0])


def reasons_of(log_odds: Floats, *, language: Language = "en", most: int = 10) -> tuple[Reason, ...]:
    """The reasons of one lead whose points are a tenth of its log-odds, live and in a batch."""
    return told(FEATURES, X, log_odds, language=language, most=most)[0]


def told(
    features: Sequence[Feature], x: Floats, log_odds: Floats, *, language: Language = "en", most: int = 10
) -> tuple[tuple[Reason, ...], float, int]:
    """The reasons, and the points and the number of the signals that they leave unsaid."""
    reasons = Reasons(features)
    strong = reasons.strongest(x[None], log_odds[None], log_odds[None] / 10, np.array([most]))
    (found,) = reasons.of_leads(x[None], strong, [language])
    assert [found] == reasons.table(x[None], strong, language).by_lead()
    return found, float(strong.rest[0]), int(strong.rest_signals[0])


def test_the_signal_that_moves_most_comes_first() -> None:
    log_odds = np.array([0.5, 0.1, -1.0, 0.2])
    reasons = reasons_of(log_odds)
    assert [reason.signal for reason in reasons] == ["rooms", "pricing_view", "floor"]


def test_windows_of_one_activity_are_one_reason_and_the_largest_speaks() -> None:
    log_odds = np.array([1.0, 0.2, 0.0, 0.0])
    (reason,) = reasons_of(log_odds)
    assert reason.text == "Visited the pricing page 4 times in the last 7 days (+12 points)"
    np.testing.assert_allclose([reason.points, reason.log_odds], [0.12, 1.2])


def test_a_feature_against_the_signal_does_not_speak_for_it() -> None:
    log_odds = np.array([-0.6, 0.7, 0.0, 0.0]) + np.array([0.0, 0.5, 0.0, 0.0])
    (reason,) = reasons_of(log_odds)
    assert reason.text.startswith("Visited the pricing page 9 times in the last 30 days (+6.0 points)")


def test_at_most_as_many_as_asked_for() -> None:
    log_odds = np.ones(4)
    assert len(reasons_of(log_odds, most=2)) == 2
    assert reasons_of(log_odds, most=0) == ()


def test_what_is_too_small_to_read_is_left_out() -> None:
    log_odds = np.array([1.0, 0.0, 0.01, 0.0])
    assert len(reasons_of(log_odds)) == 1


def test_a_score_that_hardly_moves_still_has_a_reason() -> None:
    log_odds = np.array([1e-4, 0.0, 0.0, 0.0])
    assert len(reasons_of(log_odds)) == 1


def test_a_score_that_nothing_moves_has_none() -> None:
    assert reasons_of(np.zeros(4)) == ()


def test_a_lowering_reason_carries_a_minus_in_each_language() -> None:
    log_odds = np.array([-1.0, 0.0, 0.0, 0.0])
    texts = [told(FEATURES[:1], np.array([0.0]), log_odds[:1], language=each)[0][0].text for each in LANGUAGES]
    assert texts == [
        "Has not visited the pricing page in the last 7 days (\N{MINUS SIGN}10 points)",
        "No ha visitado la página de precios en los últimos 7 días (\N{MINUS SIGN}10 puntos)",
        "Non ha visitato la pagina dei prezzi negli ultimi 7 giorni (\N{MINUS SIGN}10 punti)",
    ]


def aggregate(name: Aggregate, span: float = 0, activity: str = "pricing_view") -> Feature:
    return Window(activity, name, span, (activity,), "lead", "intent", activity).feature


@pytest.mark.parametrize("silent", sorted(SILENT))
def test_a_number_that_says_nothing_leaves_the_word_to_a_sibling(silent: Aggregate) -> None:
    features = (aggregate(silent, 7), aggregate("count", 30), aggregate("recency"))
    (reason,), rest, _ = told(features, np.array([0.62, 4.0, 2.0]), np.array([1.0, 0.2, 0.1]))
    assert reason.text == "Visited the pricing page 4 times in the last 30 days (+13 points)"
    assert rest == 0.0


def test_a_signal_that_nothing_speaks_for_stays_in_the_rest() -> None:
    silent = replace(attribute("crm_points"), speaks=False)
    reasons, rest, signals = told((silent, attribute("rooms")), np.array([-15.0, 3.0]), np.array([0.9, 0.3]))
    assert [reason.signal for reason in reasons] == ["rooms"]
    np.testing.assert_allclose(rest, 0.09)
    assert signals == 1


def test_a_value_that_was_filled_in_is_not_spoken_of() -> None:
    filled = replace(attribute("rooms"), filled=True)
    features, log_odds = (filled, attribute("floor")), np.array([0.9, 0.3])
    assert [each.signal for each in told(features, np.array([3.0, 1.0]), log_odds)[0]] == ["rooms", "floor"]
    assert [each.signal for each in told(features, np.array([np.nan, 1.0]), log_odds)[0]] == ["floor"]


@pytest.mark.parametrize(
    ("values", "log_odds", "said"),
    [
        ((9.0, 45.0), (-1.0, 0.1), "Visited the pricing page, but not in the last 45 days (\N{MINUS SIGN}9.0 points)"),
        ((9.0, 2.0), (-1.0, 0.1), "Visited the pricing page, most recently 2 days ago (\N{MINUS SIGN}9.0 points)"),
        ((9.0, 2.0), (1.0, -0.1), "Visited the pricing page 9 times in the last 30 days (+9.0 points)"),
        ((1.0, 2.0), (-1.0, 0.1), "Visited the pricing page only once in the last 30 days (\N{MINUS SIGN}9.0 points)"),
    ],
)
def test_a_sentence_does_not_read_as_the_contrary_of_its_sign(
    values: tuple[float, ...], log_odds: tuple[float, ...], said: str
) -> None:
    features = (aggregate("count", 30), aggregate("recency"))
    (reason,), _, _ = told(features, np.array(values), np.array(log_odds))
    assert reason.text == said


def test_where_every_sentence_clashes_with_its_sign_it_says_how_it_compares() -> None:
    (reason,), _, _ = told((aggregate("count", 30),), np.array([9.0]), np.array([-1.0]))
    assert reason.text.startswith("Visited the pricing page 9 times in the last 30 days, which helps less than usual (")
    (reason,), _, _ = told((aggregate("count", 30),), np.array([0.0]), np.array([1.0]))
    assert reason.text.startswith("Has not visited the pricing page in the last 30 days, which hurts less than usual (")


def small_signals(count: int) -> tuple[Feature, ...]:
    return tuple(attribute(f"detail_{number}") for number in range(count))


def test_many_small_signals_of_a_family_are_told_together() -> None:
    features = (window("pricing_view", 7), *small_signals(30))
    log_odds = np.array([0.5, *(0.1 for _ in range(30))])
    reasons, rest, signals = told(features, np.ones(31), log_odds, most=8)
    assert reasons[-1].text == "Detail_3: 1, and 26 other signals about the person (+27 points)"
    assert reasons[-1].signal == "other.demographic"
    np.testing.assert_allclose([reasons[-1].points, reasons[-1].log_odds], [0.27, 2.7])
    assert (rest, signals) == (0.0, 0)


@given(st.lists(st.floats(-1, 1), min_size=12, max_size=12), st.integers(0, 12))
def test_reasons_and_the_rest_add_up(log_odds: list[float], most: int) -> None:
    features = (*FEATURES[:2], *small_signals(10))
    reasons, rest, signals = told(features, np.ones(12), np.array(log_odds), most=most)
    assert len(reasons) <= most
    np.testing.assert_allclose(sum(each.points for each in reasons) + rest, sum(log_odds) / 10, atol=1e-12)
    assert signals == 0 or len(reasons) < 11


@given(
    st.sampled_from(ALL_FEATURES),
    st.one_of(st.just(float("nan")), st.integers(-1, 4).map(float), st.floats(0, 400)),
    st.booleans(),
)
def test_the_kernel_knows_which_way_a_sentence_leans(feature: Feature, value: float, raising: bool) -> None:
    """With two features of one signal, one that leans nowhere speaks only where the other one's sentence clashes."""
    about_anything = replace(feature, speaks=True, signal="one", phrase=feature.phrase, about="anything")
    neutral = replace(attribute("neutral"), signal="one")
    strong = Reasons((about_anything, neutral)).strongest(
        np.array([[value, 1.0]]), np.zeros((1, 2)), np.array([[0.2, 0.1]]) * (1 if raising else -1), np.array([2])
    )
    expected = 1 if not speaks(about_anything) or leaning(about_anything).clashes(value, raising=raising) else 0
    assert strong.speaker[0, 0] == expected
