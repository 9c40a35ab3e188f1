"""Sentences of other stages in the language of a page."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from data_contracts.agreement import load_agreement
from data_contracts.contract import load_contract
from data_contracts.dataset import TABLES
from features.feature import LANGUAGES, Language
from models.learning.drift import drift_warnings
from models.learning.level import Level, level_warnings
from models.learning.time_proxies import TimeDependence, time_proxy_warnings
from models.policy.policy import Policy
from models.policy.reference import reference_quantiles
from pipelines.evaluation.page import evaluation_page
from pipelines.explanation.explained import Explained
from pipelines.explanation.importance import importance
from pipelines.explanation.page import importance_page
from pipelines.pages.texts import texts_in
from pipelines.pages.translations import english_of, translations
from pipelines.validation.data_docs import write_data_docs
from tests.models.honest_leads import honest_leads
from tests.pipelines.evaluation.synthetic import evaluation_of
from tests.pipelines.explanation.synthetic_explanation import FEATURES, explained, matrix_of, snapshots_of
from tests.pipelines.pages.sentences import sentences
from tests.pipelines.validation.synthetic_validation import failed_validation

OTHERS: tuple[Language, ...] = tuple(each for each in LANGUAGES if each != "en")
APOSTROPHE, NBSP = "\N{RIGHT SINGLE QUOTATION MARK}", "\N{NO-BREAK SPACE}"


def _warnings() -> list[str]:
    """What training and the agreement warn of, and what they set aside or take for granted."""
    named = [TimeDependence(f"feature_{i}", 0.97, 0.5) for i in range(12)]
    policy = Policy(
        load_agreement(), replace(reference_quantiles(np.linspace(0, 1, 101)), fields=frozenset({"country"}))
    )
    return [
        *drift_warnings([0.05, 0.31]),
        *level_warnings(Level(0.42, 0.1)),
        *level_warnings(Level(-0.42, 0.1)),
        *time_proxy_warnings(named[:2]),
        *time_proxy_warnings(named),
        *policy.warnings,
        "leads.tags: its value alone tells the outcome",
        "1,234 decided leads have no closing date: each lead is learned from as it was when it came.",
    ]


@pytest.mark.parametrize("language", OTHERS)
def test_every_check_contract_and_warning_has_a_translation(language: Language) -> None:
    contracts = [load_contract(table) for table in TABLES]
    told = {
        text for each in failed_validation().findings for text in (each.name, each.expected, each.found, each.advice)
    }
    told |= {text for contract in contracts for text in (contract.purpose, contract.limitations)}
    told |= {column.description for contract in contracts for column in contract.columns}
    told |= set(_warnings())
    told -= {"created_at"}
    assert [text for text in sorted(told) if translations(language)(text) is None] == []


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, set[str]]:
    """What all pages but the lead's say in each language."""
    evaluation = replace(
        evaluation_of(honest_leads(300)),
        warnings=tuple(_warnings()),
        assumptions=(_warnings()[-1],),
        quarantined=("leads.tags: its value alone tells the outcome",),
    )
    X, validation, found = matrix_of(), failed_validation(), {}
    for language in LANGUAGES:
        directory = tmp_path_factory.mktemp(language)
        write_data_docs(validation, directory, language)
        summed = importance(explained(X), FEATURES, X, snapshots_of(X), texts_in(language))
        shown = Explained(snapshots_of(X), X, FEATURES, explained(X), summed)
        pages = [path.read_text("utf-8") for path in directory.iterdir()]
        pages += [evaluation_page(evaluation, language), importance_page(shown, None, language, skilled=False)]
        found[language] = {text for page in pages for text in sentences(page)}
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_of_a_page_is_the_same_as_in_english(said: dict[Language, set[str]], language: Language) -> None:
    assert len(said[language]) > 300
    assert said["en"] & said[language] == set()


def _pairs(texts: Iterable[str]) -> set[tuple[str, str]]:
    """The pairs of neighbouring words."""
    told = (re.findall(r"[\w.']+", text) for text in texts)
    return {pair for words in told for pair in pairwise(words)}


def _in_the_code() -> Iterator[str]:
    """Every text in the code and the contracts of the product; places of f-strings are left out."""
    root = Path(__file__).resolve().parents[3]
    for package in ("data_contracts", "features", "models", "pipelines"):
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
    for contract in map(load_contract, TABLES):
        yield from (contract.purpose, contract.limitations, *(column.description for column in contract.columns))


def test_no_translation_is_of_a_sentence_that_nobody_makes_anymore() -> None:
    made = _pairs(_in_the_code())
    for english in english_of("es"):
        lost = _pairs(re.split(r"{\w+}", english.rstrip("."))) - made
        assert len(lost) <= 2, f"{english}: the code says nowhere {lost}"  # where f-strings meet


def test_the_languages_translate_the_same_sentences_with_the_same_places() -> None:
    spanish, italian = (english_of(language) for language in OTHERS)
    assert spanish.keys() == italian.keys()
    for english, other in (*spanish.items(), *italian.items()):
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", other)), english


@pytest.mark.parametrize(
    ("english", "spanish", "italian"),
    [
        (
            "1,234 of 15,678 rows break this",
            "1234 de 15.678 filas no lo cumplen",
            "1234 righe su 15.678 non lo rispettano",
        ),
        (
            "1 of 15,678 rows breaks this",
            "1 de 15.678 filas no lo cumple",
            "1 riga su 15.678 non lo rispetta",
        ),
        (
            "1 different lead won; the deals say 1 won and 0 lost",
            "1 contacto distinto ganado; las oportunidades dicen 1 ganados y 0 perdidos",
            "1 contatto diverso vinto; le trattative dicono 1 vinti e 0 persi",
        ),
        (
            "9 leads won; the deals say 9 won and 91 lost",
            "9 contactos ganados; las oportunidades dicen 9 ganados y 91 perdidos",
            "9 contatti vinti; le trattative dicono 9 vinti e 91 persi",
        ),
        ("sentiment is from -1 to 1", "sentiment va de \N{MINUS SIGN}1 a 1", "sentiment va da \N{MINUS SIGN}1 a 1"),
        (
            "12 won, 988 lost (1.2% in the rarer outcome)",
            f"12 ganados, 988 perdidos (un 1,2{NBSP}% del resultado menos frecuente)",
            f"12 vinti, 988 persi (1,2% nell{APOSTROPHE}esito più raro)",
        ),
        (
            "verdict is accepted, ready or nurture",
            "verdict es accepted, ready o nurture",
            "verdict è accepted, ready o nurture",
        ),
        (
            "Map a column without gaps to lead_id.",
            "Asigne a lead_id una columna sin huecos.",
            "Assegna a lead_id una colonna senza vuoti.",
        ),
        (
            "Check which column holds created_at (my own.yaml, line 7: columns.created_at).",
            "Revise qué columna contiene created_at (my own.yaml, línea 7: columns.created_at).",
            "Controlla quale colonna contiene created_at (my own.yaml, riga 7: columns.created_at).",
        ),
    ],
)
def test_numbers_names_and_places_stay_what_they_are(english: str, spanish: str, italian: str) -> None:
    assert (translations("es")(english), translations("it")(english)) == (spanish, italian)


def test_a_sentence_that_nobody_knows_is_marked_as_english() -> None:
    assert translations("es")("Something else; 12 rows") is None
    assert texts_in("it").told("Something <b> else.") == '<span lang="en">Something &lt;b&gt; else.</span>'
    assert texts_in("en").told("Something <b> else.") == "Something &lt;b&gt; else."


def test_a_name_that_looks_like_a_template_changes_nothing() -> None:
    assert translations("es")("{name} is given") == "{name} está en cada fila"
    assert (
        translations("es")(
            "The agreement names '{0}', which holds no value in the data: what it asks of it is not applied"
        )
        is not None
    )
