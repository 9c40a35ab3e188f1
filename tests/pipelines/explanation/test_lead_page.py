import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from features.feature import LANGUAGES, Language
from features.phrases import phrasebook
from models.score import Reason, Score
from pipelines.explanation.lead_page import reason_rows, render_lead, write_lead_page
from pipelines.explanation.one_lead import LeadScore
from pipelines.explanation.profile import Profile

SCORE = Score(
    lead_id="L-<1>",
    probability=0.42,
    low=0.38,
    high=0.5,
    score=87,
    grade="B",
    stage="incomplete",
    stage_reason="country, <phone>",
    stage_text="Profile incomplete: country, <phone> missing",
    base_probability=0.2,
    fit=0.15,
    interest=0.09,
    intent=-0.02,
    reasons=(
        Reason("rooms", "Rooms <b>: 6 (+15 points)", 0.15, 0.9),
        Reason("any", "Was active 3 times in the last 7 days (+9.0 points)", 0.09, 0.5),
    ),
    rest=-0.02,
    rest_signals=58,
)

AS_OF = datetime(2025, 9, 1, tzinfo=UTC)
BOUGHT = datetime(2025, 4, 9, 14, tzinfo=UTC)


def lead(score: Score = SCORE, **circumstances: Any) -> LeadScore:
    usual: dict[str, Any] = {"as_of": AS_OF, "model_version": "173333631db3", "horizon_days": 90.0}
    return LeadScore(score, **(usual | {"deal_outcome": "open"} | circumstances))


def page(tmp_path: Path, score: Score = SCORE, language: Language = "en", **circumstances: Any) -> str:
    write_lead_page(lead(score, **circumstances), tmp_path / "new" / "lead.html", language)
    return (tmp_path / "new" / "lead.html").read_text(encoding="utf-8")


def test_the_page_says_what_and_why(tmp_path: Path) -> None:
    html = page(tmp_path)
    for text in (
        "42%",
        "38%",
        "50%",
        "87",
        "Profile incomplete",
        "Was active 3 times",
        "+9.0 points",
        "Every lead starts",
    ):
        assert text in html


def test_what_comes_from_the_data_is_escaped(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert "L-&lt;1&gt;" in html
    assert "Rooms &lt;b&gt;: 6" in html
    assert "&lt;phone&gt;" in html
    assert "<phone>" not in html


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    assert not re.search(r"https?://|<script|<link|src=", page(tmp_path))


def test_no_partial_file_is_left(tmp_path: Path) -> None:
    page(tmp_path)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["lead.html"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_terminal_speak_the_language(tmp_path: Path, language: Language) -> None:
    title = phrasebook(language).words("title")
    assert f'lang="{language}"' in page(tmp_path, SCORE, language)
    assert title in page(tmp_path, SCORE, language)
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(render_lead(lead(), language))
    shown = console.export_text()
    assert phrasebook(language).words("grade") in shown
    assert "L-<1>" in shown


def test_the_list_adds_up_to_the_change_of_probability() -> None:
    rows = list(reason_rows(SCORE, phrasebook("en")))
    assert [row.points for row in rows] == ["+15 points", "+9.0 points", "\N{MINUS SIGN}2.0 points"]
    assert rows[-1].text == "58 small signals"


def test_a_lead_that_nothing_moves_is_said_to_be_so(tmp_path: Path) -> None:
    nothing = Score(**{**vars(SCORE), "reasons": (), "fit": 0.0, "interest": 0.0, "intent": 0.0})
    assert "Nothing known about this lead" in page(tmp_path, nothing)


def test_the_page_says_of_when_and_by_which_model_it_is_and_how_far_it_looks(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert "Probability of buying within 90 days" in html
    assert "As of 1 September 2025 · model 173333631db3" in html
    undated = page(tmp_path, as_of=None, horizon_days=None)
    assert "Probability of buying," in undated
    assert "As of" not in undated


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Already a customer: bought on 9 April 2025"),
        ("es", "Ya es cliente: compró el 9 de abril de 2025"),
        ("it", "È già cliente: ha acquistato il 9 aprile 2025"),
    ],
)
def test_a_customer_is_said_to_be_one(tmp_path: Path, language: Language, said: str) -> None:
    assert said in page(tmp_path, SCORE, language, deal_outcome="won", closed_at=BOUGHT)
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(render_lead(lead(deal_outcome="won", closed_at=BOUGHT), language))
    shown = console.export_text()
    assert said in shown
    assert phrasebook(language).words("stages")["incomplete"] not in shown


def test_a_lost_lead_without_a_date_is_said_to_be_lost(tmp_path: Path) -> None:
    assert "Closed: lost<" in page(tmp_path, deal_outcome="lost")


def test_an_interval_whose_ends_read_alike_is_not_told(tmp_path: Path) -> None:
    unlikely = Score(**{**vars(SCORE), "probability": 0.004, "low": 0.001, "high": 0.006})
    html = page(tmp_path, unlikely)
    assert "Probability of buying within 90 days</p>" in html
    assert "&lt;1%" in html


def test_the_bars_share_one_scale_and_one_zero() -> None:
    rows = list(reason_rows(SCORE, phrasebook("en")))
    assert {row.begin for row in rows if row.direction == "up"} == {round(100 * 0.02 / 0.17, 1)}
    assert [row.begin + row.width for row in rows if row.direction == "down"] == [round(100 * 0.02 / 0.17, 1)]
    assert max(row.begin + row.width for row in rows) == pytest.approx(100, abs=0.2)


PROFILE = Profile(
    "ACME <1>", {"job_title": "Head of IT", "seniority": "c_level"}, {"industry": "Software", "employees": 1250.0}
)


@pytest.mark.parametrize(
    ("language", "job", "company"),
    [
        ("en", "Job: Head of IT · C-level", "Company: ACME <1> · software · 1,250 employees"),
        ("es", "Puesto: Head of IT · alta dirección", "Empresa: ACME <1> · software · 1250 empleados"),
        ("it", "Ruolo: Head of IT · ", "Azienda: ACME <1> · software · 1250 dipendenti"),
    ],
)
def test_job_and_company_are_told(tmp_path: Path, language: Language, job: str, company: str) -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(render_lead(lead(profile=PROFILE), language))
    assert job in (shown := console.export_text())
    assert company in shown
    html = page(tmp_path, language=language, profile=PROFILE)
    assert company.partition(": ")[2].replace("<1>", "&lt;1&gt;") in html


def test_of_a_lead_about_which_nothing_is_known_no_line_is_shown(tmp_path: Path) -> None:
    assert "Company:" not in page(tmp_path)
    for employees, said in ((1.0, "1 employee"), ("10-50", "10-50 employees")):
        assert list(Profile("", {}, {"employees": employees}).lines(phrasebook("en"))) == [("Company", said)]
