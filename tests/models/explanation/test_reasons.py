import numpy as np

from features.arrays import Floats
from features.feature import LANGUAGES, Feature, Language
from features.values.windows import Window
from models.explanation.reasons import Reasons
from models.score import Reason


def window(activity: str, span: float) -> Feature:
    return Window(activity, "count", span, (activity,), "lead", "intent", activity).feature


def attribute(name: str) -> Feature:
    return Feature(name, "demographic", name, "number", "", "attribute_numeric", label=name)


FEATURES = (window("pricing_view", 7), window("pricing_view", 30), attribute("rooms"), attribute("floor"))
X = np.array([4.0, 9.0, 3.0, 1.0])


def reasons_of(log_odds: Floats, *, language: Language = "en", most: int = 5) -> tuple[Reason, ...]:
    """The reasons of one lead whose points are a tenth of its log-odds, live and in a batch."""
    reasons, values = Reasons(FEATURES), (X[None], log_odds[None], log_odds[None] / 10)
    (found,) = reasons.of_leads(*values, [language], most)
    assert [found] == reasons.table(*values, language, most).by_lead()
    return found


def test_the_signal_that_moves_most_comes_first() -> None:
    log_odds = np.array([0.5, 0.1, -1.0, 0.2])
    reasons = reasons_of(log_odds)
    assert [reason.signal for reason in reasons] == ["rooms", "pricing_view", "floor"]


def test_windows_of_one_activity_are_one_reason_and_the_largest_speaks() -> None:
    log_odds = np.array([1.0, 0.2, 0.0, 0.0])
    (reason,) = reasons_of(log_odds)
    assert reason.text == "Visited the pricing page 4 times in the last 7 days: +12 points"
    np.testing.assert_allclose([reason.points, reason.log_odds], [0.12, 1.2])


def test_a_feature_against_the_signal_does_not_speak_for_it() -> None:
    log_odds = np.array([-0.6, 0.7, 0.0, 0.0]) + np.array([0.0, 0.5, 0.0, 0.0])
    (reason,) = reasons_of(log_odds)
    assert reason.text.startswith("Visited the pricing page 9 times in the last 30 days: +6 points")


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
    texts = [reasons_of(log_odds, language=each)[0].text for each in LANGUAGES]
    assert texts == [
        "Visited the pricing page 4 times in the last 7 days: \N{MINUS SIGN}10 points",
        "Visitó la página de precios 4 veces en los últimos 7 días: \N{MINUS SIGN}10 puntos",
        "Ha visitato la pagina dei prezzi 4 volte negli ultimi 7 giorni: \N{MINUS SIGN}10 punti",
    ]
