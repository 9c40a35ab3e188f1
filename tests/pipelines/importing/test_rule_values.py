"""Rules and conditions on a chunk."""

import numpy as np
import pyarrow as pa
import pytest

from data_contracts.mapping.rules import Condition, Rule
from pipelines.importing.chunk import Chunk
from pipelines.importing.rule_values import drop_codes, evaluate, holds

CHUNK = Chunk(
    "f.csv",
    np.arange(2, 6),
    np.arange(1, 5),
    {
        "a": pa.array(["x", None, "Y", "z"]),
        "b": pa.array(["1", "2", None, "4"]),
        "n": pa.array([1.0, 999.0, None, 4.0]),
        "l": pa.array(["p; q", "r", None, ";"]),
    },
)


def value(**rule: object) -> list[object]:
    found: list[object] = evaluate(Rule.model_validate(rule), CHUNK)[0].to_pylist()
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"column": "a"}, ["x", None, "Y", "z"]),
        ({"columns": ["a", "b"]}, ["x", "2", "Y", "z"]),
        ({"columns": ["absent", "b"]}, ["1", "2", None, "4"]),
        ({"constant": "web"}, ["web"] * 4),
        ({"template": "{a}-{b}"}, ["x-1", None, None, "z-4"]),
        ({"template": "r{$row}"}, ["r1", "r2", "r3", "r4"]),
        ({"column": "$row"}, [1, 2, 3, 4]),
        ({"column": "$file"}, ["f.csv"] * 4),
        ({"column": "a", "missing": "z"}, ["x", None, "Y", None]),
        ({"column": "n", "missing": "999"}, [1.0, None, None, 4.0]),
        ({"column": "a", "lower": True}, ["x", None, "y", "z"]),
        ({"column": "a", "values": {"x": "won"}}, ["won", None, "Y", "z"]),
        ({"column": "a", "values": {"x": "won"}, "other": "missing"}, ["won", None, None, None]),
        ({"column": "a", "values": {"x": None}}, [None, None, "Y", "z"]),
        ({"column": "a", "default": "?"}, ["x", "?", "Y", "z"]),
        ({"column": "a", "present": True}, [True, False, True, True]),
        ({"column": "l", "split": ";"}, ["p", "r", None, None]),
        ({"column": "l", "split": ";", "part": "last"}, ["q", "r", None, None]),
        ({"column": "absent", "optional": True}, [None] * 4),
    ],
)
def test_a_rule_gives(rule: dict[str, object], expected: list[object]) -> None:
    assert value(**rule) == expected


def test_reject_marks_values_that_are_not_named_and_spares_missing_ones() -> None:
    _, unknown = evaluate(Rule(column="a", values={"x": "won"}, other="reject"), CHUNK)
    assert unknown.tolist() == [False, False, True, True]


def test_a_digest_is_the_same_in_every_case_and_never_the_value() -> None:
    upper = Chunk("g.csv", np.arange(1), np.arange(1), {"a": pa.array(["ANNA@ACME.COM"])})
    lower = Chunk("g.csv", np.arange(1), np.arange(1), {"a": pa.array(["anna@acme.com"])})
    digests = [evaluate(Rule(column="a", hash=True), chunk)[0][0].as_py() for chunk in (upper, lower)]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 32
    assert "anna" not in digests[0].lower()


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"is": ["x", "z"]}, [True, False, False, True]),
        ({"is_not": "x"}, [False, True, True, True]),
        ({"present": False}, [False, True, False, False]),
        ({"matches": "^[xy]$"}, [True, False, False, False]),
        ({"is_not": "x", "present": True}, [False, False, True, True]),
    ],
)
def test_a_condition_holds_where(test: dict[str, object], expected: list[bool]) -> None:
    assert holds([Condition.model_validate({"column": "a", **test})], CHUNK).tolist() == expected


def test_empty_cells_and_codes_are_missing_after_trimming() -> None:
    assert drop_codes(pa.array([" a ", "  ", " n/a", ""]), ["n/a"]).to_pylist() == ["a", None, None, None]
