import math
import re
import string
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.dataset import Attribute
from features.arrays import LARGEST
from features.feature import LANGUAGES, Feature, Language
from features.phrases import phrasebook
from features.values.attributes import CANONICAL, AttributeFeature
from features.values.calendar import CALENDAR
from features.values.windows import (
    ABOUT_THINGS,
    AGGREGATES,
    BEHAVIOURS,
    Scope,
    Window,
    about_things,
    open_behaviour,
    open_rates,
)

OF_LEADS = ("types", "automated", "relative_recency")
LEVELS = ("business", "trade_show")


def definable() -> Iterator[Feature]:
    """Every feature that the features package can define, and any other aggregate that a behaviour may ask for."""
    rates = open_rates(["live_chat", "live_call"])
    for behaviour in (*BEHAVIOURS, *ABOUT_THINGS, open_behaviour("live_chat"), *rates, *about_things(rates)):
        yield from (window.feature for window in behaviour.windows())
    for aggregate in AGGREGATES:
        scopes: tuple[Scope, ...] = ("lead",) if aggregate in OF_LEADS else get_args(Scope)
        for scope in scopes:
            per = "live_call" if aggregate == "rate" else ""
            yield Window(
                "live_chat", aggregate, 7, ("live_chat",), scope, "behavioural", "live chat", per, (per,) * bool(per)
            ).feature
    yield from (calendar.feature for calendar in CALENDAR)
    for attribute in (*CANONICAL, *own_attributes()):
        yield feature_of(attribute)


def own_attributes() -> Iterator[Attribute]:
    for kind in ("numeric", "categorical", "boolean"):
        yield Attribute(table="leads", name=f"own_{kind}", kind=kind, label=f"own {kind}")


def feature_of(attribute: Attribute) -> Feature:
    feature = AttributeFeature.of(attribute).feature
    if attribute.kind != "categorical":
        return feature
    return Feature(**{**vars(feature), "categories": LEVELS})


FEATURES = tuple({feature.name: feature for feature in definable()}.values())
VALUES = (math.nan, -2.0, 0.0, 0.25, 1.0, 2.0, 7.0, 12345.6)


def values_of(feature: Feature) -> tuple[float, ...]:
    return VALUES if feature.categories is None else (math.nan, 0.0, 1.0, 2.0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_feature_has_a_phrase_of_its_own(feature: Feature, language: Language) -> None:
    assert phrasebook(language).knows(feature), f"features/phrases/{language}.yaml lacks {feature.phrase!r}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_value_makes_a_sentence(feature: Feature, language: Language) -> None:
    for value in values_of(feature):
        for raising in (True, False):
            sentence = phrasebook(language).sentence(feature, value, raising=raising)
            assert sentence[0] in "“«<\N{MINUS SIGN}" or sentence[0].isupper() or sentence[0].isdigit()
            assert not re.search(r"[{}]|nan|  |\s$", sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_declared_activity_has_words_of_its_own(language: Language) -> None:
    activities = phrasebook(language).content["activities"]
    spoken = {b.activity for b in BEHAVIOURS if not b.activity.startswith(("bant_", "automated"))}
    assert spoken <= activities.keys()


@pytest.mark.parametrize("language", ["es", "it"])
def test_languages_have_the_same_phrases_and_forms(language: Language) -> None:
    assert shape(phrasebook(language).content) == shape(phrasebook("en").content)


def shape(content: Any) -> Any:
    """The keys of a tree; a template is what it may be made of, not whether it has plural forms."""
    if isinstance(content, dict) and not content.keys() & {"other", "decimal"}:
        return {key: shape(value) for key, value in content.items()}
    return len(content) if isinstance(content, list) else "text"


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_name_only_words_that_exist(language: Language) -> None:
    known = {
        "n", "year", "percent", "times", "duration", "window", "label", "category", "hour", "next_hour", "weekday",
        "month", "did", "done", "never", "things", "counted", "per", "never_per",
        "money", "the_percent", "none",
    }  # fmt: skip
    content = phrasebook(language).content
    for template in (*templates(content["phrases"]), *templates(content["of_activity"])):
        assert {field for _, field, _, _ in string.Formatter().parse(template) if field} <= known, template


def templates(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    else:
        for value in content.values():
            yield from templates(value)


def window(aggregate: Any, activity: str = "pricing_view", span: float = 7, scope: Scope = "lead") -> Feature:
    return Window(activity, aggregate, span, (activity,), scope, "intent", activity.replace("_", " ")).feature


def of_name(name: str) -> Feature:
    return next(feature for feature in FEATURES if feature.name == name)


SENTENCES: list[tuple[Feature, float, bool, dict[Language, str]]] = [
    (
        window("count"), 4, True,
        {
            "en": "Visited the pricing page 4 times in the last 7 days",
            "es": "Visitó la página de precios 4 veces en los últimos 7 días",
            "it": "Ha visitato la pagina dei prezzi 4 volte negli ultimi 7 giorni",
        },
    ),
    (
        window("count", span=1), 1, False,
        {
            "en": "Visited the pricing page only once in the last day",
            "es": "Visitó la página de precios solo una vez en el último día",
            "it": "Ha visitato la pagina dei prezzi solo una volta nell'ultimo giorno",
        },
    ),
    (
        window("count", "demo_request", 0), 0, False,
        {
            "en": "Has not asked for a demo so far",
            "es": "No ha pedido ninguna demostración hasta ahora",
            "it": "Non ha chiesto nessuna demo finora",
        },
    ),
    (
        window("recency", span=0), 3.2, True,
        {
            "en": "Visited the pricing page, most recently 3 days ago",
            "es": "Visitó la página de precios, la última vez hace 3 días",
            "it": "Ha visitato la pagina dei prezzi, l'ultima volta 3 giorni fa",
        },
    ),
    (
        window("count", "live_chat"), 2, True,
        {
            "en": "Live chat twice in the last 7 days",
            "es": "«live chat»: 2 veces en los últimos 7 días",
            "it": "«live chat»: 2 volte negli ultimi 7 giorni",
        },
    ),
    (
        window("count", "intent", 30, "account"), 1, True,
        {
            "en": "Colleagues at the same company: 1 request for a price, demo or quote in the last 30 days",
            "es": "Otras personas de la misma empresa: 1 petición de precio, demostración o presupuesto en los últimos"
            " 30 días",
            "it": "Altre persone della stessa azienda: 1 richiesta di prezzo, demo o preventivo negli ultimi 30 giorni",
        },
    ),
    (
        of_name("email_click.per_email_open"), 0.25, True,
        {
            "en": "Clicks in e-mails per opened e-mail so far: 0.25",
            "es": "Clics en correos por correo abierto hasta ahora: 0,25",
            "it": "Clic nelle e-mail per e-mail aperta finora: 0,25",
        },
    ),
    (
        of_name("email_click.per_email_open"), math.nan, False,
        {
            "en": "Has not opened any e-mail so far",
            "es": "No ha abierto ningún correo hasta ahora",
            "it": "Non ha aperto nessuna e-mail finora",
        },
    ),
    (
        of_name("page_view.relative_recency"), 2.5, False,
        {
            "en": "Time without page views: 2.5 \N{MULTIPLICATION SIGN} the usual interval between activities",
            "es": "Tiempo sin páginas vistas: 2,5 \N{MULTIPLICATION SIGN} el intervalo habitual entre sus actividades",
            "it": "Tempo senza pagine viste: 2,5 \N{MULTIPLICATION SIGN} l'intervallo abituale tra le sue attività",
        },
    ),
    (
        of_name("email_open.same_object.count"), 3, True,
        {
            "en": "Same offer or product: opened an e-mail 3 times so far",
            "es": "Mismo producto u oferta: abrió un correo 3 veces hasta ahora",
            "it": "Stesso prodotto o offerta: ha aperto un'e-mail 3 volte finora",
        },
    ),
    (
        of_name("email_open.same_object.count"), math.nan, True,
        {
            "en": "Unknown which offer or product it is about",
            "es": "No se sabe a qué oferta o producto se refiere",
            "it": "Non si sa quale offerta o prodotto riguardi",
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("feature", "value", "raising", "expected"), SENTENCES)
def test_sentences_hold_the_value(feature: Feature, value: float, raising: bool, expected: dict[Language, str]) -> None:
    for language, sentence in expected.items():
        assert phrasebook(language).sentence(feature, value, raising=raising) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_is_called_few_only_where_more_would_be_better(language: Language) -> None:
    book = phrasebook(language)

    def differs(feature: Feature, value: float) -> bool:
        return book.sentence(feature, value, raising=True) != book.sentence(feature, value, raising=False)

    assert differs(window("count"), 1.0)
    assert "solo" not in book.sentence(window("count", "bounce"), 1.0, raising=False)
    assert "only" not in book.sentence(window("count", "bounce"), 1.0, raising=False)


def test_a_category_is_told_in_the_language() -> None:
    kind = feature_of(next(each for each in CANONICAL if each.name == "email_kind"))
    assert phrasebook("es").sentence(kind, 0.0, raising=True) == "Correo electrónico: dominio propio de una empresa"
    assert phrasebook("en").sentence(kind, 1.0, raising=True) == "E-mail address: trade show"
    assert phrasebook("en").sentence(kind, 2.0, raising=True) == "E-mail address of another kind"


def test_a_canonical_column_read_as_another_kind_falls_back_to_its_label() -> None:
    bands = feature_of(Attribute(table="accounts", name="employees", kind="categorical", label="size of company"))
    assert phrasebook("en").sentence(bands, 0.0, raising=True) == "Size of company: business"
    code = feature_of(Attribute(table="leads", name="source", kind="numeric", label="source number"))
    assert phrasebook("en").sentence(code, 3.0, raising=True) == "Source number: 3"


@pytest.mark.parametrize(
    ("points", "english", "spanish"),
    [
        (0.12, "+12 points", "+12 puntos"),
        (-0.0123, "\N{MINUS SIGN}1.2 points", "\N{MINUS SIGN}1,2 puntos"),
        (0.01, "+1.0 points", "+1,0 puntos"),
        (-0.01, "\N{MINUS SIGN}1.0 points", "\N{MINUS SIGN}1,0 puntos"),
        (0.0996, "+10 points", "+10 puntos"),
        (0.0001, "±0 points", "±0 puntos"),
    ],
)
def test_points_are_written_as_the_language_does(points: float, english: str, spanish: str) -> None:
    assert phrasebook("en").points(points) == english
    assert phrasebook("es").points(points) == spanish


@pytest.mark.parametrize(
    ("share", "english", "spanish"),
    [(0.4, "40%", "40\N{NO-BREAK SPACE}%"), (0.0123, "1.2%", "1,2\N{NO-BREAK SPACE}%"), (1.0, "100%", None)],
)
def test_percents_are_written_as_the_language_does(share: float, english: str, spanish: str | None) -> None:
    assert phrasebook("en").percent(share) == english
    assert spanish is None or phrasebook("es").percent(share) == spanish


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.001, "1 minute"),
        (0.5 / 24, "30 minutes"),
        (1 / 24, "1 hour"),
        (0.99, "1 day"),
        (1.5, "2 days"),
        (2, "2 days"),
        (400, "400 days"),
    ],
)
def test_durations_have_a_unit_that_fits(days: float, expected: str) -> None:
    assert phrasebook("en").duration(days) == expected


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        (1.25e20, "en", "1.2 \N{MULTIPLICATION SIGN} 10²⁰"),
        (-2.5e20, "es", "\N{MINUS SIGN}2,5 \N{MULTIPLICATION SIGN} 10²⁰"),
        (1e15, "en", "10¹⁵"),
        (9e14, "it", "900.000.000.000.000"),
        (LARGEST, "en", ">10¹⁰⁰"),
        (-LARGEST, "it", "<\N{MINUS SIGN}10¹⁰⁰"),
        (1e-300, "en", "<0.01"),
    ],
)  # fmt: skip
def test_huge_numbers_are_powers_of_ten(value: float, language: Language, expected: str) -> None:
    assert phrasebook(language).number(value) == expected


@given(st.one_of(st.floats(-1e9, 1e9), st.integers(-5000, 5000).map(float)), st.sampled_from(LANGUAGES))
def test_numbers_are_read_back_within_their_rounding(value: float, language: Language) -> None:
    marks = phrasebook(language).content["number"]
    text = phrasebook(language).number(value).replace(marks["thousands"], "").replace(marks["decimal"], ".")
    if not text.startswith("<"):
        assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(
            value, abs=0.5 if abs(value) >= 100 else 0.0051
        )


@given(
    language=st.sampled_from(LANGUAGES),
    feature=st.sampled_from(FEATURES),
    value=st.one_of(st.sampled_from(VALUES), st.floats(0, 400), st.floats(0, 0.02), st.just(math.inf)),
    step=st.sampled_from([0.0, 1e-9, 1e-4, 1e-3, 0.004, 0.01, 0.4]),
    raising=st.booleans(),
)
def test_values_that_show_the_same_have_the_same_sentence(
    language: Language, feature: Feature, value: float, step: float, raising: bool
) -> None:
    book = phrasebook(language)
    if book.shown(feature, value) == book.shown(feature, value + step):
        one, other = (book.sentence(feature, each, raising=raising) for each in (value, value + step))
        assert one == other


def test_durations_are_told_apart_by_what_is_shown() -> None:
    recency = Window("page_view", "recency", 0, ("page_view",), "lead", "behavioural", "pages viewed").feature
    book = phrasebook("en")
    assert book.shown(recency, 3.1) == book.shown(recency, 2.9) != book.shown(recency, 1.9)


@pytest.mark.parametrize(
    ("probability", "english", "spanish"),
    [
        (0.0, "<1%", "<1 %"),
        (0.004, "<1%", "<1 %"),
        (0.5, "50%", "50 %"),
        (0.9999, ">99%", ">99 %"),
        (1.0, ">99%", ">99 %"),
    ],
)
def test_no_probability_is_shown_as_a_certainty(probability: float, english: str, spanish: str) -> None:
    shown = [phrasebook(language).chance(probability).replace("\N{NO-BREAK SPACE}", " ") for language in ("en", "es")]
    assert shown == [english, spanish]
