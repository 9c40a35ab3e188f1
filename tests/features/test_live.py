import numpy as np
from hypothesis import given

from features.arrays import NO_TIME, Floats
from features.live import LiveView
from tests.features.companies import BEGIN, Company, companies, moments, requests_of, view_of_everything
from tests.features.requests import LeadRequest, live_lead, moments_of, records_of

VIEW = view_of_everything()
LIVE = LiveView(VIEW)


def without_changes(request: LeadRequest) -> LeadRequest:
    return {**request, "changes": [], "account_changes": []}


def observed(*requests: LeadRequest) -> Floats:
    return LIVE.observe([live_lead(each) for each in requests])


@given(companies(), moments)
def test_a_row_has_the_bits_of_the_matrix_alone_and_together(company: Company, as_of: int) -> None:
    requests = [without_changes(each) for each in requests_of(company, as_of)]
    expected = [VIEW.observe(records_of([each]), np.zeros(1, np.int64), moments_of([each]))[0] for each in requests]
    for request, row in zip(requests, expected, strict=True):
        np.testing.assert_array_equal(observed(request)[0], row)
    np.testing.assert_array_equal(observed(*requests), np.reshape(expected, (len(requests), len(VIEW.features))))


def test_a_lead_of_whom_nothing_is_known_has_a_row() -> None:
    for as_of in (BEGIN, int(NO_TIME)):
        request: LeadRequest = {"lead": {}, "as_of": as_of}
        expected = VIEW.observe(records_of([request]), np.zeros(1, np.int64), moments_of([request]))[0]
        np.testing.assert_array_equal(observed(request)[0], expected)
