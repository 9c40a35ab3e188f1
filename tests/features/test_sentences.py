"""Sentences as native readers want them: what was odd to one of them is held here, each with siblings of its kind."""

import math
from datetime import UTC, datetime
from typing import get_args

import pytest

from data_contracts.dataset import Attribute
from features.feature import LANGUAGES, Feature, Language
from features.phrases import phrasebook
from features.values.attributes import CANONICAL, AttributeFeature
from features.values.calendar import CALENDAR_OF
from features.values.windows import BEHAVIOURS, Aggregate, Scope, Window, open_behaviour
from features.voice import UNFAVOURABLE

FAMILY_OF = {each.activity: each.family for each in BEHAVIOURS}
NBSP = "\N{NO-BREAK SPACE}"


def did(activity: str, name: Aggregate = "count", days: float = 0, *, currency: str = "") -> Feature:
    return _window(activity, name, days, "lead", currency)


def by_colleagues(activity: str, name: Aggregate, days: float = 0, *, currency: str = "") -> Feature:
    return _window(activity, name, days, "account", currency)


def _window(activity: str, name: Aggregate, days: float, scope: Scope, currency: str) -> Feature:
    family = FAMILY_OF.get(activity, "behavioural")
    feature = Window(activity, name, days, (activity,), scope, family, activity).feature
    return Feature(**{**vars(feature), "currency": currency})


def column(name: str, *levels: str, table: str = "leads") -> Feature:
    """A column of the contract, with a category of each level where it has any."""
    attribute = next(each for each in CANONICAL if (each.table, each.name) == (table, name))
    return Feature(**{**vars(AttributeFeature.of(attribute).feature), "categories": levels or None})


SENTENCES: list[tuple[Language, Feature, float, str]] = [
    ("en", did("verdict_ready"), 1, "Sales rated this lead ready to buy"),
    ("en", did("verdict_accepted"), 1, "Sales accepted this lead"),
    ("en", did("verdict_suspect"), 1, "Sales marked this lead as suspect"),
    ("en", did("verdict_nurture", "recency"), 3, "Sales sent this lead back to marketing 3 days ago"),
    ("en", did("intent", days=30), 0, "Has not asked for a price, demo or quote in the last 30 days"),
    ("en", by_colleagues("lead_created", "first"), 412, "First lead from this company came 412 days ago"),
    ("en", by_colleagues("intent", "recency"), 5 / 24, "A colleague asked for a price, demo or quote 5 hours ago"),
    ("en", by_colleagues("any", "recency"), 9, "A colleague was active 9 days ago"),
    ("en", by_colleagues("deal_lost", "recency"), 117, "Last lost deal with this company: 117 days ago"),
    ("en", by_colleagues("deal_won", "recency"), 117, "Last won deal with this company: 117 days ago"),
    ("en", by_colleagues("deal_won", "count"), 1, "1 deal already won with this company"),
    ("en", by_colleagues("deal_lost", "count"), 3, "3 deals already lost with this company"),
    ("en", column("seniority", "c_level", "VP"), 0, "Seniority: C-level"),
    ("en", column("seniority", "c_level", "VP"), 1, "Seniority: VP"),
    ("en", column("email_kind", "disposable"), 0, "E-mail address: a disposable address"),
    (
        "en", did("quote_request", "sum", 30, currency="EUR"), 8450,
        "Quotes requested in the last 30 days: 8,450 EUR in total",
    ),
    ("en", did("quote_request", "last", currency="USD"), 8450, "Last quote requested: 8,450 USD"),
    ("en", did("quote_request", "last"), 8450, "Last quote requested: 8,450"),
    ("en", did("bounce"), 1, "1 e-mail bounced"),
    ("en", did("bounce"), 4, "4 e-mails bounced"),
    ("en", did("unsubscribe"), 1, "Unsubscribed from e-mails"),
    ("en", did("live_chat", "recency"), 251, "Live chat, last 251 days ago"),
    ("en", did("live_chat"), 2, "Live chat twice so far"),
    ("en", did("live_chat"), 0, "No live chat so far"),
    ("en", did("page_view", "recency"), 1.0, "Visited the website, most recently 1 day ago"),
    ("en", did("page_view", "recency"), 47 / 24, "Visited the website, most recently 2 days ago"),
    ("en", did("bant_sentiment", "last"), 0.4, "Positive in talks with sales"),
    ("en", column("source", "organic_search"), 0, "Source: organic search"),
    ("en", column("country", "DE"), 0, "Country: Germany"),
    ("en", column("language", "nl"), 0, "Language: Dutch"),
    ("en", column("annual_revenue", table="accounts"), 55_300_000, "Annual revenue of the company: 55,300,000"),
    ("es", did("verdict_ready"), 1, "Ventas lo considera listo para comprar"),
    ("es", by_colleagues("lead_created", "first"), 412, "Primer contacto de esta empresa: hace 412 días"),
    ("es", by_colleagues("deal_lost", "recency"), 117, "Última venta perdida con esta empresa: hace 117 días"),
    ("es", by_colleagues("deal_won", "recency"), 117, "Última venta ganada con esta empresa: hace 117 días"),
    (
        "es", by_colleagues("intent", "recency"), 5 / 24,
        "Otra persona de la empresa pidió precio, demostración o presupuesto hace 5 horas",
    ),
    (
        "es", did("automated", "automated"), 0.41,
        f"El 41{NBSP}% de las actividades las hicieron bots o filtros de seguridad",
    ),
    ("es", did("unsubscribe"), 2, "Se dio de baja de los correos 2 veces"),
    ("es", did("unsubscribe"), 1, "Se dio de baja de los correos"),
    ("es", did("email_click"), 3, "Hizo clic en un enlace de un correo 3 veces hasta ahora"),
    ("es", did("ad_click"), 3, "Hizo clic en un anuncio 3 veces hasta ahora"),
    ("es", did("live_chat", "recency"), 251, "«live chat»: la última vez, hace 251 días"),
    ("es", CALENDAR_OF["time.created_weekday"].feature, 2, "Entró como contacto un miércoles"),
    ("es", column("employees", table="accounts"), 7, "Empresa de 7 empleados"),
    ("es", column("employees", table="accounts"), 4210, "Empresa de 4210 empleados"),
    ("es", column("employees", table="accounts"), 42_100, "Empresa de 42.100 empleados"),
    (
        "es", did("quote_request", "last", currency="EUR"), 8450,
        f"Importe del último presupuesto pedido: 8450{NBSP}€",
    ),
    ("es", column("email_kind", "disposable"), 0, "Correo electrónico: una dirección desechable"),
    ("es", did("bant_sentiment", "last"), 0.4, "Buena disposición al hablar con ventas"),
    ("es", column("seniority", "c_level"), 0, "Nivel: alta dirección"),
    ("es", column("source", "Organic Search"), 0, "Origen: búsqueda orgánica"),
    ("es", column("source", "trade_show"), 0, "Origen: feria"),
    ("es", column("country", "DE", table="accounts"), 0, "País de la empresa: Alemania"),
    (
        "it", did("automated", "automated"), 0.41,
        "Il 41% delle attività è dovuto a bot o filtri di sicurezza",
    ),
    (
        "it", did("automated", "automated"), 0.8,
        "L'80% delle attività è dovuto a bot o filtri di sicurezza",
    ),
    ("it", column("language", "en"), 1, "Lingua: rara o nuova"),
    ("it", column("language", "en"), 0, "Lingua: inglese"),
    ("it", did("email_click"), 3, "Ha cliccato su un link in un'e-mail 3 volte finora"),
    ("it", did("ad_click"), 3, "Ha cliccato su un annuncio 3 volte finora"),
    ("it", column("channel", "partner"), 0, "Arrivato dal canale partner"),
    ("it", column("campaign", "Fiera 2026"), 0, "Arrivato dalla campagna Fiera 2026"),
    ("it", by_colleagues("deal_won", "count"), 0, "Nessuna vendita conclusa finora con questa azienda"),
    (
        "it", by_colleagues("any", "count", 30), 0,
        "Altre persone della stessa azienda: nessuna attività negli ultimi 30 giorni",
    ),
    ("it", did("verdict_ready"), 1, "Il reparto vendite lo giudica pronto all'acquisto"),
    ("it", did("verdict_suspect"), 1, "Contrassegnato come sospetto dal reparto vendite"),
    ("it", by_colleagues("deal_won", "count"), 1, "1 trattativa vinta con questa azienda"),
    ("it", did("live_chat", "recency"), 251, "«live chat»: l'ultima volta 251 giorni fa"),
    ("it", column("employees", table="accounts"), 4210, "Azienda con 4210 dipendenti"),
    (
        "it", did("quote_request", "sum", 30, currency="EUR"), 12_345,
        f"Preventivi richiesti negli ultimi 30 giorni: 12.345{NBSP}€ in totale",
    ),
    ("it", column("seniority", "vp"), 0, "Livello: vicepresidenza"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "feature", "value", "expected"), SENTENCES)
def test_a_native_reader_wants_it_so(language: Language, feature: Feature, value: float, expected: str) -> None:
    raising = feature.activity not in UNFAVOURABLE and value != 0
    sentence = phrasebook(language).sentence(feature, value, raising=raising)
    assert sentence == expected


@pytest.mark.parametrize(
    ("language", "base", "between"),
    [
        ("en", "Every lead starts at 12%; what is known about this one brings it to 87%.", "between 80% and 93%"),
        (
            "es",
            f"Todo contacto parte del 12{NBSP}%; lo que se sabe de este lo lleva al 87{NBSP}%.",
            f"entre el 80{NBSP}% y el 93{NBSP}%",
        ),
        ("it", "Punto di partenza: 12%; con ciò che si sa di questo contatto: 87%.", "tra l'80% e il 93%"),
    ],
)
def test_probabilities_have_the_articles_of_the_language(language: Language, base: str, between: str) -> None:
    book = phrasebook(language)
    assert book.words("base").format(base=book.chance(0.12), probability=book.chance(0.87)) == base
    assert book.between(0.8, 0.93) == between


@pytest.mark.parametrize(
    ("language", "grade", "nurture"),
    [("en", "Grade", "Nurture"), ("es", "Calificación", "En seguimiento"), ("it", "Classe", "Da coltivare")],
)
def test_grades_and_stages_are_called_as_sales_calls_them(language: Language, grade: str, nurture: str) -> None:
    book = phrasebook(language)
    assert (book.words("grade"), book.words("stages")["nurture"]) == (grade, nurture)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hour_and_no_number_of_talks_is_shown_to_people(language: Language) -> None:
    mood = did("bant_sentiment", "last")
    assert not any(sign.isdigit() for sign in phrasebook(language).sentence(mood, 0.4, raising=True))


@pytest.mark.parametrize("language", get_args(Language))
def test_a_label_is_said_in_the_language(language: Language) -> None:
    labels: dict[Language, str] = {"en": "Rooms asked for", "es": "Salas pedidas", "it": "Sale richieste"}
    own = Attribute(table="leads", name="rooms", kind="numeric", label="Rooms asked for", labels=labels)
    feature = AttributeFeature.of(own).feature
    assert phrasebook(language).sentence(feature, 3, raising=True) == f"{labels[language]}: 3"
    plain = AttributeFeature.of(own.model_copy(update={"labels": {}})).feature
    assert phrasebook(language).sentence(plain, 3, raising=True) == "Rooms asked for: 3"


def test_every_activity_that_colleagues_do_has_a_sentence_without_raw_names() -> None:
    for language in LANGUAGES:
        for each in (*BEHAVIOURS, open_behaviour("live_chat", "account")):
            for window in each.windows() if each.scope == "account" else ():
                for value in (math.nan, 0.0, 1.0, 2.0, 40.0):
                    assert "_" not in phrasebook(language).sentence(window.feature, value, raising=True)


@pytest.mark.parametrize(
    ("language", "first", "ninth"),
    [
        ("en", "1 September 2025", "9 September 2025"),
        ("es", "1 de septiembre de 2025", "9 de septiembre de 2025"),
        ("it", "1° settembre 2025", "9 settembre 2025"),
    ],
)
def test_the_first_of_a_month_is_written_as_the_language_does(language: Language, first: str, ninth: str) -> None:
    dates = [phrasebook(language).date(datetime(2025, 9, day, tzinfo=UTC)) for day in (1, 9)]
    assert dates == [first, ninth]
