import pytest

from pipelines.importing.given_scores import is_given_score


@pytest.mark.parametrize(
    "column",
    [
        "Score", "Lead Score", "lead_score", "LeadScore", "hubspotscore", "Contact scoring", "Points in the CRM",
        "Puntos", "Puntuación", "Punteggio del lead", "Punkte", "Pontuação", "Punkty", "Puan", "Баллы", "スコア",
    ],
)  # fmt: skip
def test_a_score_of_the_crm_is_told_by_its_header(column: str) -> None:
    assert is_given_score(column)


@pytest.mark.parametrize(
    "column",
    ["Credit score", "NPS score", "Test score", "Loyalty points", "Seats", "Appointment", "Rank"],
)
def test_other_numbers_may_speak(column: str) -> None:
    assert not is_given_score(column)
