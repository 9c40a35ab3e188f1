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

SCORES: dict[str, Example] = {
    "keen": {"summary": "A lead who asked for a demo", "value": KEEN},
    "quiet": {"summary": "A lead of whom little is known, reasons in Spanish", "value": QUIET},
    "least": {"summary": "The least that can be sent", "value": LEAST},
}
BATCHES: dict[str, Example] = {"two": {"summary": "Two leads", "value": {"items": [KEEN, QUIET]}}}
