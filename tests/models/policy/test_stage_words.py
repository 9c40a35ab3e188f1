import pytest

from data_contracts.agreement import load_agreement, parse_agreement
from data_contracts.dataset import Attribute
from data_contracts.languages import Language
from models.policy.stage_words import StageWords
from models.score import Stage

ROOMS = Attribute(table="leads", name="rooms", kind="numeric", label="Rooms asked for", labels={"es": "salas pedidas"})
RULES = """
disqualify:
  - {rule: {en: too small, es: demasiado pequeña}, field: employees, op: "<", value: 5}
  - {rule: not our market, field: country, op: is, value: FR}
grades: {by: share, A: 0.05, B: 0.2, C: 0.5}
mql: {by: probability, at_least: 0.3}
"""


@pytest.mark.parametrize(
    ("stage", "reason", "language", "said"),
    [
        ("mql", "", "en", "Marketing qualified"),
        ("nurture", "", "es", "En seguimiento"),
        ("disqualified", "too small", "es", "Descartado: demasiado pequeña"),
        ("disqualified", "too small", "it", "Scartato: too small"),
        ("disqualified", "not our market", "es", "Descartado: not our market"),
        ("incomplete", "email_kind, rooms", "en", "Profile incomplete: e-mail address, Rooms asked for missing"),
        ("incomplete", "account.country, rooms", "es", "Perfil incompleto: falta país de la empresa, salas pedidas"),
        ("incomplete", "shoe_size", "it", "Profilo incompleto: manca shoe size"),
        ("sql_candidate", "demo_request", "en", "Sales candidate: asked for a demo"),
        ("sql_candidate", "quote_request", "es", "Candidato para ventas: pidió un presupuesto"),
        ("sql_candidate", "live_chat", "it", "Candidato per le vendite: «live chat»"),
    ],
)
def test_a_stage_and_its_reason_are_said_in_the_language(
    stage: Stage, reason: str, language: Language, said: str
) -> None:
    assert StageWords(parse_agreement(RULES, "agreement.yaml"), [ROOMS], language).text(stage, reason) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Disqualified: marked as suspect by sales"),
        ("es", "Descartado: Ventas lo marcó como sospechoso"),
        ("it", "Scartato: contrassegnato come sospetto dal reparto vendite"),
    ],
)
def test_the_shipped_rules_are_said_in_each_language(language: Language, said: str) -> None:
    words = StageWords(load_agreement(), [], language)
    assert words.text("disqualified", "marked as suspect by sales") == said
