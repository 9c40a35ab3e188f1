"""Errors are said in a person's words, not in those of Python and pydantic."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from data_contracts.wording import choices, expectation, reason

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
