import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from data_contracts.dataset import Attribute
from features.arrays import NO_TIME
from features.leaks import Suspect, suspects
from tests.features.requests import records_of

DRAW = np.random.default_rng(5)
LABEL = (DRAW.random(1000) < 0.3).astype(np.float64)


def judged(values: Sequence[object], **more: object) -> tuple[Suspect, ...]:
    kind = "categorical" if any(isinstance(value, str) for value in values) else "numeric"
    attribute = Attribute.model_validate({"table": "leads", "name": "x", "kind": kind, "label": "x", **more})
    records = records_of([{"lead": {"x": value}, "as_of": 0} for value in values])
    return suspects(records, np.arange(1000), np.full(1000, NO_TIME), LABEL, [attribute])


def test_a_level_written_with_the_outcome_is_found() -> None:
    (found,) = judged(["closed" if won and DRAW.random() < 0.95 else "open" for won in LABEL])
    assert found.column == "leads.x"
    assert found.auc > 0.9
    assert "its value" in found.why


def test_missing_values_that_tell_the_outcome_are_found() -> None:
    (found,) = judged([float(DRAW.normal()) if won else None for won in LABEL])
    assert "missing" in found.why


def test_a_size_that_tells_the_outcome_is_found_in_both_directions() -> None:
    for sign in (1, -1):
        (found,) = judged([sign * (won * 3 + DRAW.normal()) for won in LABEL])
        assert "size" in found.why


def test_a_number_that_is_no_rank_is_found() -> None:
    (found,) = judged([(3.0 if won else 0.0) * DRAW.choice([-1, 1]) + DRAW.normal() * 0.1 for won in LABEL])
    assert "value" in found.why


@pytest.mark.parametrize("value", [lambda: 1.0, DRAW.normal])
def test_a_field_filled_in_for_those_who_buy_is_found_where_nobody_knows_since_when(value: Callable[[], float]) -> None:
    filled = [value() if won and DRAW.random() < 0.4 else None for won in LABEL]
    (found,) = judged(filled)
    assert re.fullmatch(r"it is there for (3|4)\d% of the won and 0% of the lost, nobody knows since when", found.why)
    assert 0.6 < found.auc < 0.8
    assert not judged(filled, known_at="created")


def test_a_field_that_is_there_for_won_and_lost_alike_stays() -> None:
    assert not judged([DRAW.normal() if DRAW.random() < 0.5 + 0.08 * won else None for won in LABEL])


def test_an_honest_signal_stays() -> None:
    assert not judged([won * 1.0 + DRAW.normal() for won in LABEL])


def test_a_key_of_the_lead_is_no_leak() -> None:
    assert not judged([f"key {number}" for number in range(1000)])


@pytest.mark.parametrize("more", [{"confirmed": True}, {"known_at": "changes"}, {"known_at": "after_outcome"}])
def test_what_a_person_settled_is_not_judged(more: dict[str, object]) -> None:
    assert not judged(LABEL.tolist(), **more)


def test_columns_of_the_contract_are_judged_too() -> None:
    records = records_of([{"lead": {"has_phone": bool(won)}, "as_of": 0} for won in LABEL])
    (found,) = suspects(records, np.arange(1000), np.full(1000, NO_TIME), LABEL, [])
    assert found.column == "leads.has_phone"
