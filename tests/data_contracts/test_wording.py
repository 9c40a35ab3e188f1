"""Errors are said in a person's words, not in those of Python and pydantic."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from data_contracts.wording import choices, counted, expectation, reason

NARROW = Field(min_length=1, max_length=2)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (int, "many", "expected a whole number"),
        (int, 2.5, "expected a whole number"),
        (float, "much", "expected a number"),
        (bool, "perhaps", "expected true or false"),
        (str, 5, "expected text"),
        (list[int], 5, "expected a list"),
        (dict[str, int], [], "expected keys with values"),
        (Annotated[float, Field(gt=0)], 0, "expected a number above 0"),
        (Annotated[float, Field(ge=0.5)], 0, "expected at least 0.5"),
        (Annotated[int, Field(lt=3)], 3, "expected a number below 3"),
        (Annotated[int, Field(le=3)], 4, "expected at most 3"),
        (Annotated[tuple[int, ...], NARROW], (), "expected at least 1 of them, found 0"),
        (Annotated[tuple[int, ...], NARROW], (1, 2, 3), "expected at most 2 of them, found 3"),
        (Annotated[str, NARROW], "", "expected text of at least 1 characters"),
        (Literal["up", "down"], "upp", "expected 'up' or 'down'"),
    ],
)
def test_what_is_expected_is_said_plainly(kind: Any, value: object, words: str) -> None:
    assert expectation(first_error(kind, value)) == words


def test_the_words_that_may_stand_somewhere_are_known() -> None:
    assert choices(first_error(Literal["a", "b", "c"], "d")) == ["a", "b", "c"]
    assert choices(first_error(int, "d")) == []


def test_the_system_s_numbers_of_errors_are_left_out() -> None:
    assert reason(PermissionError(13, "Permission denied", "x.csv")) == "Permission denied"
    assert reason(ValueError("first line.\nsecond line")) == "first line"
    assert reason(KeyError()) == "KeyError"


def first_error(kind: Any, value: object) -> ErrorDetails:
    with pytest.raises(ValidationError, match="validation error") as raised:
        TypeAdapter(kind).validate_python(value)
    return raised.value.errors()[0]


@given(st.integers(0, 10**12), st.sampled_from(["row", "lead", "test snapshot"]))
def test_a_counted_noun_agrees_with_its_number(count: int, noun: str) -> None:
    number, _, words = counted(count, noun).partition(" ")
    assert int(number.replace(",", "")) == count
    assert words == noun + "s" * (count != 1)


# Counts that are never one: limits, counts of several leads, and the second of two.
NEVER_ONE = {"MAX_LEVELS", "MAX_LEADS", "MIN_PER_CLASS", "len(empty)", "levels", "file.rows", "lost"}
NEVER_ONE |= {"leads", "rows", "len(test.y)", "learned['lost_leads']"}
COUNTED = re.compile(
    r" (?:(?!of\b)[a-z]+ ){0,2}(?:rows|leads|cells|columns|files|deals|kernels|snapshots|values|ones)\b"
)


def counts_in_messages() -> Iterator[tuple[str, str]]:
    """The numbers in the product's f-strings that a noun in the plural follows, with their file."""
    root = Path(__file__).resolve().parents[2]
    for package in ("data_contracts", "features", "models", "pipelines", "serving", "whylead"):
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                for value, text in pairwise(node.values if isinstance(node, ast.JoinedStr) else ()):
                    if isinstance(value, ast.FormattedValue) and COUNTED.match(str(getattr(text, "value", ""))):
                        yield path.name, ast.unparse(value.value)


def test_no_message_counts_in_a_plural_of_its_own() -> None:
    bare = [found for found in counts_in_messages() if found[1] not in {*NEVER_ONE, "name"}]
    assert bare == [], "say it with `counted`, which knows of one"
