import math
from typing import get_args

import numpy as np
import pytest

from features.arrays import DAY, UNTRACKED, is_untracked
from features.event_types import TRACKED_TYPES
from features.feature import Language
from features.live import LiveView
from features.phrases import phrasebook
from features.values.consent import needs_consent
from features.values.windows import BEHAVIOURS
from features.view import FeatureView
from models.explanation.wording import Wording
from tests.features.requests import ActivityInput, LeadRequest, live_lead, records_of

NOW = 20_000 * DAY
VIEW = FeatureView(attributes=(), calendar=(), windows=tuple(w for b in BEHAVIOURS for w in b.windows()))
NAMES = [window.name for window in VIEW.windows]
DONE: list[ActivityInput] = [
    {"type": kind, "occurred_at": NOW - 2 * DAY} for kind in ("email_open", "page_view", "demo_request", "unsubscribe")
]


def observed(consent: bool | None) -> dict[str, float]:
    """The windows of a lead that did something of several kinds, by name."""
    lead = {} if consent is None else {"tracking_consent": consent}
    request: LeadRequest = {"lead": {"lead_id": "a", **lead}, "as_of": NOW, "activities": DONE}
    batch = VIEW.observe(records_of([request]), np.array([0]), np.array([NOW]))
    live = LiveView(VIEW).observe([live_lead(request)])
    assert batch.tobytes() == live.tobytes()
    return dict(zip(NAMES, batch[0].tolist(), strict=True))


def test_without_consent_what_is_tracked_is_unknown_and_not_none() -> None:
    refused = observed(False)
    for name in ("email_open.count", "email_click.count", "page_view.count_7d", "email.count", "intent.count"):
        assert is_untracked(refused[name]), name
    assert is_untracked(refused["email_click.recency"])
    assert is_untracked(refused["any.count"])


def test_without_consent_what_a_lead_sends_is_known() -> None:
    refused, given = observed(False), observed(True)
    for name in ("demo_request.count", "unsubscribe.count", "form_submit.count_7d", "automated.automated"):
        assert refused[name] == given[name], name
    assert refused["demo_request.count"] == 1


@pytest.mark.parametrize("consent", [True, None])
def test_consent_that_is_given_or_not_spoken_of_changes_nothing(consent: bool | None) -> None:
    values = observed(consent)
    assert values["email_open.count"] == 1
    assert values["email_click.count"] == 0
    assert not any(is_untracked(value) for value in values.values())


def test_every_window_over_a_tracked_type_needs_consent() -> None:
    for window in VIEW.windows:
        tracked = (
            bool({*window.types, *window.per_types} & set(TRACKED_TYPES)) or window.aggregate == "relative_recency"
        )
        if window.scope == "lead" and tracked:
            assert needs_consent(window), window.name
            continue
        if window.scope == "account" or window.types in (("demo_request",), ("unsubscribe",), ("bant_budget",)):
            assert not needs_consent(window), window.name


@pytest.mark.parametrize("language", get_args(Language))
def test_reasons_say_that_consent_is_missing_and_not_that_nothing_happened(language: Language) -> None:
    book, wording = phrasebook(language), Wording(VIEW.features, language)
    columns = np.array([NAMES.index(name) for name in ("email_open.recency", "any.count", "intent.count_7d")])
    for column in columns.tolist():
        feature = VIEW.features[column]
        unknown = book.sentence(feature, UNTRACKED, raising=False)
        assert unknown != book.sentence(feature, math.nan, raising=False)
        assert {"en": "consent", "es": "consentimiento", "it": "consenso"}[language] in unknown
    twice, values = np.repeat(columns, 2), np.tile([math.nan, UNTRACKED], columns.size)
    texts = wording.texts(twice, values, np.full(twice.size, -0.1), np.zeros_like(twice)).texts()
    each = zip(twice.tolist(), values.tolist(), strict=True)
    assert texts == [Wording(VIEW.features, language).text(column, value, -0.1) for column, value in each]
    assert len(set(texts)) == twice.size


def test_comparisons_with_what_is_tracked_are_unknown_too() -> None:
    refused = observed(False)
    for name in ("form_submit.per_page_view", "demo_request.relative_recency"):
        assert is_untracked(refused[name]), name
    feature = VIEW.features[NAMES.index("form_submit.per_page_view")]
    assert phrasebook("en").sentence(feature, UNTRACKED, raising=True).endswith("to compare submitted forms with")


def test_a_sentence_that_was_made_for_no_value_is_not_shown_without_consent() -> None:
    wording, column = Wording(VIEW.features, "en"), NAMES.index("email_open.recency")
    never = wording.text(column, math.nan, -0.1)
    assert wording.text(column, UNTRACKED, -0.1).startswith("No consent to tracking: incomplete data on opened")
    assert wording.text(column, math.nan, -0.1) == never != wording.text(column, 0.0, -0.1)
