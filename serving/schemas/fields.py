"""The values that a request may hold: strict, finite, and complaining without repeating what was sent."""

import math
import re
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MAX_TEXT = 1_000
_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def _written_out(value: object) -> object:
    """Refuse numbers and bare dates, which a parser would have to guess at."""
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE_AND_TIME.match(value)):
        return value
    raise PydanticCustomError("time", "Expected a date and time in ISO 8601, such as 2026-03-01T09:30:00Z")


def _attribute(value: object) -> bool | float | str | None:
    """A value of a column that only the model knows."""
    match value:
        case None | bool():
            return value
        case int() | float():
            return _finite(value)
        case str() if len(value) <= MAX_TEXT and value.isascii() | _is_unicode(value):
            return value
    raise PydanticCustomError(
        "attribute",
        "Expected a string of at most {longest} characters, a finite number, true, false or null",
        {"longest": MAX_TEXT},
    )


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PydanticCustomError("finite_number", "Expected a finite number")
    return number


def _is_unicode(value: str) -> bool:
    """Whether the string is free of lone surrogates, which JSON can write and UTF-8 cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


Text: TypeAlias = Annotated[str, StringConstraints(strict=True, max_length=MAX_TEXT)]
Key: TypeAlias = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MAX_TEXT)]
Flag: TypeAlias = StrictBool
Number: TypeAlias = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Amount: TypeAlias = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
# A time without a zone, taken as UTC, could move an activity behind the moment of the score.
Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_written_out)]
AttributeValue: TypeAlias = Annotated[
    Any,
    AfterValidator(_attribute),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]}),
]
