from dataclasses import replace

import numpy as np
import pytest

from features.feature import Feature
from pipelines.explanation.groups import groups_of
from tests.pipelines.explanation.synthetic_explanation import FEATURES

COUNT, RECENCY, SOURCE, SIZE, PHONE = FEATURES
NAN = float("nan")


def _sizes(features: list[Feature], columns: list[list[float]]) -> dict[str, int]:
    return {name: int(mask.sum()) for name, mask in groups_of(features, np.array(columns, dtype=float).T)}


def test_activities_are_grouped_by_how_often_they_happened() -> None:
    assert _sizes([COUNT, RECENCY], [[0, 1, 2, 5], [NAN, 3, 2, 1]]) == {
        "never": 1,
        "up to 2 times": 2,
        "more than 2 times": 1,
    }
    assert _sizes([COUNT], [[0, 1, 1, 4]]) == {"never": 1, "once": 2, "twice or more": 1}
    assert _sizes([COUNT], [[0, 0]]) == {"never": 2}


def test_activities_without_a_count_happened_or_not() -> None:
    assert _sizes([RECENCY], [[NAN, 3, 2]]) == {"it happened": 2, "it did not happen": 1}


def test_categories_are_their_levels_with_other_and_unknown() -> None:
    groups = _sizes([SOURCE], [[0, 1, 1, 2, NAN]])
    assert groups == {"website": 1, "referral": 2, "any other": 1, "unknown": 1}


def test_numbers_are_thirds() -> None:
    assert _sizes([SIZE], [[1, 2, 3, 4, 5, 6, NAN]]) == {
        "up to 2.667": 2,
        "2.667 to 4.333": 2,
        "4.333 and more": 2,
        "unknown": 1,
    }
    assert _sizes([SIZE], [[0, 0, 0, 0, 0, 2000]]) == {"0": 5, "above 0": 1}


def test_amounts_of_money_name_their_currency() -> None:
    amount = replace(SIZE, currency="EUR")
    assert list(_sizes([amount], [[1e6, 2e6, 3e6, 4e6, 5e6, 6e6, NAN]])) == [
        "up to 2,666,667 EUR",
        "2,666,667 EUR to 4,333,333 EUR",
        "4,333,333 EUR and more",
        "unknown",
    ]


def test_yes_and_no() -> None:
    assert _sizes([PHONE], [[1, 0, 0, NAN]]) == {"yes": 1, "no": 2, "unknown": 1}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_lead_is_in_one_group_even_where_nothing_is_known(feature: Feature) -> None:
    for column in ([NAN, NAN], [NAN, 0.0], [0.0, 1.0]):
        masks = [mask for _, mask in groups_of([feature], np.array([column]).T)]
        assert (np.sum(masks, axis=0) == 1).all()
