"""Requests to try: shown in the OpenAPI document, and each of them answered in the tests."""

from typing import Any

from fastapi.openapi.models import Example

KEEN: dict[str, Any] = {
    "lead": {
        "lead_id": "L-1001",
        "created_at": "2026-02-20T08:15:00Z",
        "source": "organic_search",
        "job_title": "Head of Operations",
        "country": "ES",
        "email_kind": "business",
        "has_phone": True,
    },
    "account": {"account_id": "A-17", "industry": "manufacturing", "employees": 240},
    "activities": [
        {"occurred_at": "2026-02-20T08:15:00Z", "type": "form_submit", "channel": "search"},
        {"occurred_at": "2026-02-27T10:02:11Z", "type": "pricing_view"},
        {"occurred_at": "2026-02-28T16:40:00+01:00", "type": "demo_request"},
    ],
    "dispositions": [{"at": "2026-02-28T17:00:00Z", "verdict": "accepted", "budget": True}],
    "as_of": "2026-03-01T00:00:00Z",
    "language": "en",
}
QUIET: dict[str, Any] = {
    "lead": {"lead_id": "L-1002", "email_kind": "free"},
    "as_of": "2026-03-01T00:00:00Z",
    "language": "es",
}
LEAST: dict[str, Any] = {"lead": {}}

# Every part of a request at once: what the server warms itself with.
EVERYTHING: dict[str, Any] = KEEN | {
    "lead": KEEN["lead"] | {"email": "nobody@example.com"},
    "account": KEEN["account"] | {"activities": KEEN["activities"]},
}

# What such a request is answered with; docs/http.md shows it too.
ANSWER: dict[str, Any] = {
    "lead_id": "L-1001",
    "probability": 0.7959421659173951,
    "low": 0.7792207792207793,
    "high": 0.9230769230769231,
    "score": 88,
    "grade": "B",
    "stage": "sql_candidate",
    "stage_reason": "demo_request",
    "stage_text": "Sales candidate: asked for a demo",
    "reasons": [
        {
            "signal": "has_phone",
            "text": "Gave a phone number (+18 points)",
            "points": 0.1790454287189855,
            "log_odds": 0.8340219600461185,
        },
        {
            "signal": "intent",
            "text": "Asked for a price, demo or quote twice in the last 7 days (+1.6 points)",
            "points": 0.015592558779191077,
            "log_odds": 0.07263260798222372,
        },
    ],
    "rest": 0.07467960497112135,
    "rest_signals": 9,
    "fit": 0.1906469217865035,
    "interest": 0.013608885217318942,
    "intent": 0.06506171777938274,
    "base_probability": 0.5266246411341899,
    "model_version": "d83487dc7d21",
    "as_of": "2026-03-01T00:00:00+00:00",
    "ignored": [],
    "warnings": [
        {
            "field": "lead.source",
            "message": "value not seen in training, or too rarely to learn from: it counts as a rare or new one",
            "did_you_mean": "referral",
        },
    ],
}

SCORES: dict[str, Example] = {
    "keen": {"summary": "A lead who asked for a demo", "value": KEEN},
    "quiet": {"summary": "A lead of whom little is known, reasons in Spanish", "value": QUIET},
    "least": {"summary": "The least that can be sent", "value": LEAST},
}
BATCHES: dict[str, Example] = {"two": {"summary": "Two leads", "value": {"items": [KEEN, QUIET]}}}
