import numpy as np

from features.arrays import NO_TIME
from features.records.records import Categorical
from tests.features.requests import LeadRequest, moments_of, records_of


def test_a_thousand_leads_keep_their_order() -> None:
    requests: list[LeadRequest] = [
        {"lead": {"lead_id": f"L{number}", "x": number}, "as_of": number} for number in range(1000)
    ]
    records = records_of(requests)
    assert records.lead_ids.tolist() == [f"L{number}" for number in range(1000)]
    np.testing.assert_array_equal(records.leads["x"], np.arange(1000.0))
    np.testing.assert_array_equal(moments_of(requests), np.arange(1000))


def test_each_request_has_an_account_of_its_own() -> None:
    records = records_of(
        [
            {"lead": {}, "as_of": 0, "account": {"employees": 5}},
            {"lead": {}, "as_of": 0},
            {"lead": {}, "as_of": 0, "account": {"employees": 7}},
        ]
    )
    assert records.account_of.tolist() == [0, -1, 1]
    np.testing.assert_array_equal(records.accounts["employees"], [5, 7])


def test_keys_and_times_are_no_columns() -> None:
    records = records_of([{"lead": {"lead_id": "a", "account_id": "b", "created_at": 5, "source": "web"}, "as_of": 0}])
    assert set(records.leads) == {"source"}
    assert records.created_at.tolist() == [5]


def test_an_unknown_creation_has_no_time() -> None:
    assert records_of([{"lead": {}, "as_of": 0}]).created_at.tolist() == [NO_TIME]


def test_texts_and_numbers_in_one_column_are_texts() -> None:
    column = records_of([{"lead": {"x": value}, "as_of": 0} for value in ("a", 3, 2.5, True, None)]).leads["x"]
    assert isinstance(column, Categorical)
    assert column.levels == ("a", "3", "2.5", "true")
    assert column.codes.tolist() == [0, 1, 2, 3, -1]


def test_events_are_put_in_order() -> None:
    records = records_of(
        [
            {
                "lead": {},
                "as_of": 0,
                "activities": [
                    {"type": "b", "occurred_at": 2},
                    {"type": "a", "occurred_at": 2, "value": 1.0, "is_automated": None},
                    {"type": "c", "occurred_at": 1, "related_to": "offer 1"},
                ],
                "dispositions": [{"at": 0, "verdict": "ready", "need": True}],
            }
        ]
    )
    events = records.lead_events
    assert [events.type.levels[code] for code in events.type.codes] == ["bant_need", "verdict_ready", "c", "a", "b"]
    assert events.at.tolist() == [0, 0, 1, 2, 2]
    np.testing.assert_array_equal(events.value, [1, np.nan, np.nan, 1, np.nan])
    assert not events.automated.any()


def test_no_requests_are_no_records() -> None:
    assert records_of([]).lead_ids.size == 0
