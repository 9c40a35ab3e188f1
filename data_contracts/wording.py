"""A person's words for errors of Python and pydantic (what was expected, why a file was of no use), and for counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

NUMBER, WHOLE, FLAG = "expected a number", "expected a whole number", "expected true or false"
KEYS, ITEMS = "expected keys with values", "expected a list"
# By pydantic's kind of error; braces are filled from what the error says of itself.
WORDS = {
    "string_type": "expected text", "string_sub_type": "expected text", "string_unicode": "expected Unicode text",
    "string_too_short": "expected text of at least {min_length} characters",
    "string_too_long": "expected text of at most {max_length} characters",
    "string_pattern_mismatch": "expected text of the form {pattern}",
    "int_type": WHOLE, "int_parsing": WHOLE, "int_from_float": WHOLE, "int_parsing_size": "expected a smaller number",
    "float_type": NUMBER, "float_parsing": NUMBER, "finite_number": "expected a finite number",
    "bool_type": FLAG, "bool_parsing": FLAG,
    "greater_than": "expected a number above {gt}", "greater_than_equal": "expected at least {ge}",
    "less_than": "expected a number below {lt}", "less_than_equal": "expected at most {le}",
    "list_type": ITEMS, "tuple_type": ITEMS, "set_type": ITEMS,
    "dict_type": KEYS, "mapping_type": KEYS, "model_type": KEYS, "model_attributes_type": KEYS, "dataclass_type": KEYS,
    "missing": "is required", "missing_argument": "is required", "extra_forbidden": "is not known",
    "none_required": "expected nothing", "path_type": "expected a path", "url_parsing": "expected an address",
    "datetime_type": "expected a date and time", "datetime_from_date_parsing": "expected a date and time: {error}",
    "datetime_parsing": "expected a date and time: {error}", "date_type": "expected a date",
    "date_from_datetime_parsing": "expected a date", "date_parsing": "expected a date",
    "timezone_aware": "expected a time with its zone: end it with Z or an offset like +01:00",
    "union_tag_invalid": "expected {discriminator} to be one of {expected_tags}",
    "union_tag_not_found": "{discriminator} is required", "invalid_key": "expected names of fields in Unicode",
}  # fmt: skip
# The same for those who write JSON.
JSON_WORDS = WORDS | dict.fromkeys(("string_type", "string_sub_type"), "expected a string")
JSON_WORDS |= dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), "expected an object")


def expectation(error: ErrorDetails, words: Mapping[str, str] = WORDS) -> str:
    """What was expected of a value, in ``words`` by the kind of the error; what a validator of ours says stays.

    >>> expectation({"type": "int_parsing", "msg": "", "loc": (), "input": "many"})
    'expected a whole number'
    >>> expectation({"type": "greater_than_equal", "msg": "", "loc": (), "input": -5, "ctx": {"ge": 0}})
    'expected at least 0'
    """
    kind, about = error["type"], error.get("ctx", {})
    of_kind: dict[str, Callable[[dict[str, Any]], str]] = {"too_short": _too_short, "too_long": _too_long}
    if kind in of_kind:
        return of_kind[kind](about)
    if kind == "literal_error":
        return f"expected {about['expected']}"
    if kind in words:
        return words[kind].format(**{name: _plain(value) for name, value in about.items()})
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    return message.replace("Input should be", "expected", 1)


def choices(error: ErrorDetails) -> list[str]:
    """The words that were expected where only some are; else none."""
    if error["type"] == "literal_error":
        return str(error["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    if error["type"] == "union_tag_invalid":
        return str(error["ctx"]["expected_tags"]).replace("'", "").split(", ")
    return []


def reason(error: Exception) -> str:
    """Why something failed: the system's words without its numbers, else the first line of the message.

    >>> reason(FileNotFoundError(2, "No such file or directory", "a.csv"))
    'No such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines: Sequence[str] = str(error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def counted(count: int, noun: str, several: str = "") -> str:
    """A number with what it counts, in the singular where it is one; ``several`` is a plural without a plain s.

    >>> counted(1, "row"), counted(1200, "row"), counted(0, "match", "matches")
    ('1 row', '1,200 rows', '0 matches')
    """
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


def _too_short(about: dict[str, Any]) -> str:
    return f"expected at least {about['min_length']} of them, found {about['actual_length']}"


def _too_long(about: dict[str, Any]) -> str:
    return f"expected at most {about['max_length']} of them, found {about['actual_length']}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever pydantic says of an error
    return int(value) if isinstance(value, float) and value.is_integer() else value
