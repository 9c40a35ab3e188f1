import numpy as np
from hypothesis import given

from features.arrays import NO_TIME
from features.live import LiveView, has_changes
from features.records.request import LeadRequest, lead_events, moments_of, records_of
from tests.features.companies import BEGIN, Company, companies, moments, requests_of, view_of_everything

VIEW = view_of_everything()
LIVE = LiveView(VIEW)


def without_changes(request: LeadRequest) -> LeadRequest:
    return {**request, "changes": [], "account_changes": []}


@given(companies(), moments)
def test_a_row_has_the_bits_of_the_matrix(company: Company, as_of: int) -> None:
    for request in map(without_changes, requests_of(company, as_of)):
        expected = VIEW.observe(records_of([request]), np.zeros(1, np.int64), moments_of([request]))[0]
        np.testing.assert_array_equal(LIVE.observe([request], [lead_events(request)])[0], expected)


def test_a_lead_of_whom_nothing_is_known_has_a_row() -> None:
    for as_of in (BEGIN, int(NO_TIME)):
        request: LeadRequest = {"lead": {}, "as_of": as_of}
        expected = VIEW.observe(records_of([request]), np.zeros(1, np.int64), moments_of([request]))[0]
        np.testing.assert_array_equal(LIVE.observe([request], [[]])[0], expected)


def test_changes_are_seen() -> None:
    request: LeadRequest = {"lead": {}, "as_of": BEGIN}
    assert not has_changes(request)
    assert has_changes({**request, "account_changes": [{"field": "x", "value": "1", "changed_at": BEGIN}]})
