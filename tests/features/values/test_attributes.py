import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.dataset import Attribute, AttributeKind
from features.arrays import DAY, LARGEST, NO_TIME, Floats
from features.texts import normalised
from features.values.attributes import CANONICAL, MAX_LEVELS, AttributeFeature, candidates
from tests.features.requests import LeadRequest, records_of

NOW = 1_700_000_000_000_000


def lead(**columns: object) -> LeadRequest:
    return {"lead": columns, "as_of": NOW}


def feature(kind: AttributeKind, **more: object) -> AttributeFeature:
    return AttributeFeature.of(
        Attribute.model_validate({"table": "leads", "name": "x", "kind": kind, "label": "x", **more})
    )


def values(chosen: AttributeFeature, requests: list[LeadRequest], moment: int = NOW) -> Floats:
    rows = np.arange(len(requests))
    return chosen.compute(records_of(requests), rows, np.full(len(requests), moment))


def fitted(texts: Sequence[str | float | None]) -> AttributeFeature:
    requests = [lead(x=text) for text in texts]
    return feature("categorical").fitted(records_of(requests), np.arange(len(texts)), np.full(len(texts), NOW))


@pytest.mark.parametrize(
    ("kind", "sent", "expected"),
    [
        ("numeric", 3, 3.0),
        ("numeric", "3.5", 3.5),
        ("numeric", "many", np.nan),
        ("numeric", float("inf"), np.nan),
        ("numeric", "1e999", np.nan),
        ("numeric", True, 1.0),
        ("numeric", None, np.nan),
        ("boolean", True, 1.0),
        ("boolean", "No", 0.0),
        ("boolean", " yes ", 1.0),
        ("boolean", "perhaps", np.nan),
        ("boolean", 0, 0.0),
    ],
)
def test_values_are_read_whatever_their_type(kind: AttributeKind, sent: object, expected: float) -> None:
    np.testing.assert_array_equal(values(feature(kind), [lead(x=sent)]), [expected])


def test_a_number_and_its_text_are_one_category() -> None:
    chosen = fitted([7.0] * 10 + [8.0] * 10)
    assert values(chosen, [lead(x=7)]) == values(chosen, [lead(x="7")]) == [0.0]


@given(st.text(max_size=12))
def test_a_text_is_compared_alike_however_unicode_writes_it(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    assert {normalised(each) for each in forms} == {normalised(text)} == {normalised(normalised(text))}


def test_a_level_has_one_code_however_its_accents_are_written() -> None:
    town = AttributeFeature("leads", "town", "categorical", "demographic", "town", categories=("Lugo", "M\u00e1laga"))
    assert [town.number(each) for each in ("M\u00e1laga", "ma\u0301laga", "LUGO", "\uff2cugo")] == [1, 1, 0, 0]


@pytest.mark.parametrize("sent", [1e308, "1e308", -1.7e308, "-1.7e308"])
def test_huge_numbers_are_cut_where_their_squares_can_be_summed(sent: float | str) -> None:
    huge = values(feature("numeric"), [lead(x=sent), lead(x=5)])
    assert abs(huge[0]) == LARGEST == abs(feature("numeric").number(sent))
    assert np.isfinite(np.square(huge).sum())


def test_levels_differ_neither_by_case_nor_by_white_space() -> None:
    chosen = fitted(["Google"] * 8 + ["google "] * 5 + ["Bing"] * 10)
    assert chosen.categories == ("Google", "Bing")
    assert values(chosen, [lead(x="GOOGLE"), lead(x="  bing")]).tolist() == [0.0, 1.0]


def test_rare_and_unknown_levels_share_a_code_and_missing_is_nan() -> None:
    chosen = fitted(["a"] * 20 + ["rare"] * 9)
    np.testing.assert_array_equal(
        values(chosen, [lead(x="rare"), lead(x="new"), lead(x=""), lead(), lead(x=None)]),
        [1, 1, np.nan, np.nan, np.nan],
    )


def test_a_vocabulary_has_a_limit() -> None:
    chosen = fitted([f"level {number}" for number in range(MAX_LEVELS + 50) for _ in range(10)])
    assert chosen.categories is not None
    assert len(chosen.categories) == MAX_LEVELS


def test_the_vocabulary_is_that_of_the_training_rows_alone() -> None:
    requests = [lead(x="seen")] * 20 + [lead(x="test only")] * 20
    chosen = feature("categorical").fitted(records_of(requests), np.arange(20), np.full(20, NOW))
    assert chosen.categories == ("seen",)


def test_a_history_gives_the_last_value_before_the_snapshot() -> None:
    chosen = feature("numeric", known_at="changes")
    request = lead(x=99)
    request["changes"] = [
        {"field": "x", "value": "1", "changed_at": NOW - 2 * DAY},
        {"field": "x", "value": "2", "changed_at": NOW - DAY},
        {"field": "x", "value": None, "changed_at": NOW},
    ]
    seen = [values(chosen, [request], NOW + days * DAY)[0] for days in (-2, -1, 0, 1)]
    np.testing.assert_array_equal(seen, [np.nan, 1, 2, np.nan])


def test_without_a_history_the_value_that_was_sent_counts() -> None:
    assert values(feature("numeric", known_at="changes"), [lead(x=99)]) == [99]


def test_a_lead_without_account_misses_its_columns() -> None:
    employees = AttributeFeature.of(Attribute(table="accounts", name="employees", kind="numeric", label="employees"))
    requests: list[LeadRequest] = [lead(), {**lead(), "account": {"employees": 12}}]
    np.testing.assert_array_equal(values(employees, requests), [np.nan, 12])


def test_absent_columns_are_missing() -> None:
    assert np.isnan(values(feature("numeric"), [lead(y=1)], NO_TIME)).all()


def test_the_family_is_as_the_mapping_says() -> None:
    assert feature("numeric").feature.family == "demographic"
    assert feature("numeric", family="intent").feature.family == "intent"


@pytest.mark.parametrize(
    ("kind", "sent", "usual"),
    [
        ("numeric", [1, 2, 9, 40, None, None], 2.0),
        ("boolean", [True, "yes", False, None], 1.0),
        ("categorical", ["rare"] * 3 + ["a"] * 10 + ["b"] * 20 + [None] * 30, 0.0),
        ("numeric", [None, "", "many"], None),
        ("categorical", [None, " "], None),
    ],
)
def test_the_fill_is_the_usual_value_known(kind: AttributeKind, sent: list[Any], usual: float | None) -> None:
    records, rows = records_of([lead(x=each) for each in sent]), np.arange(len(sent))
    found = feature(kind).fitted(records, rows, np.full(len(sent), NOW))
    assert found.fill == usual
    assert AttributeFeature.from_dict(json.loads(json.dumps(asdict(found)))) == found


@pytest.mark.parametrize("more", [{"known_at": "created"}, {"known_at": "changes"}, {"confirmed": True}])
def test_what_was_missing_at_the_snapshot_is_not_filled(more: dict[str, Any]) -> None:
    found = feature("numeric", **more).fitted(records_of([lead(x=3)] * 20), np.arange(20), np.full(20, NOW))
    assert (found.missing_tells, found.fill) == (True, None)


def test_columns_of_the_contract_are_known_when_the_lead_arrives() -> None:
    assert all(AttributeFeature.of(each).missing_tells for each in CANONICAL)


def test_columns_written_after_the_outcome_are_no_candidates() -> None:
    after = Attribute(table="leads", name="x", kind="numeric", label="x", known_at="after_outcome")
    assert after not in candidates([after])
    assert ("leads", "source") in {(each.table, each.name) for each in candidates([after])}


def test_definitions_come_back_from_json_values() -> None:
    chosen = fitted(["a"] * 20)
    assert AttributeFeature.from_dict(asdict(chosen)) == chosen
