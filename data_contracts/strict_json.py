"""JSON of a file that anybody may have written: numbers that are numbers, each key once, no deeper than is sane."""

import json
import re
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from data_contracts.wording import expectation

MAX_DEPTH = 32
MAX_CONTAINERS = 200_000  # lists and mappings
_LARGEST = 2**63  # whole numbers lie below
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a pair that together is a letter; one alone cannot be written
_SHOWN = 60  # letters of a name in a message
Stored = TypeVar("Stored")


def parse_json(text: str | bytes) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The values of a text in UTF-8.

    Raises ValueError where it is no JSON, or nobody means what it holds: NaN, infinity, numbers beyond 64 bits, a key
    twice, more than 32 lists or mappings inside each other, or 200,000 in all.

    >>> parse_json('{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> parse_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ValueError: the key 'a' is there twice
    """
    text = text.decode() if isinstance(text, bytes) else text
    if text.count("[") + text.count("{") > MAX_CONTAINERS:
        raise ValueError(f"it holds more than {MAX_CONTAINERS} lists and mappings")
    try:
        tree = json.loads(
            text, object_pairs_hook=_mapping, parse_float=_number, parse_int=_whole, parse_constant=_number
        )
    except RecursionError:
        raise ValueError(_too_deep()) from None
    _check_depth(tree)
    if _HALF.search(text):
        json.dumps(tree, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
    return tree


def from_json(kind: type[Stored], value: object) -> Stored:
    """What ``dataclasses.asdict`` made into JSON values, as the dataclass that it was, or a value of a simple type.

    Nothing is converted but lists, to tuples. Raises ValueError, which names the key, where anything does not fit.

    >>> from_json(tuple[int, ...], [1, 2])
    (1, 2)
    >>> from_json(tuple[int, ...], [1, "2"])
    Traceback (most recent call last):
    ValueError: 1: expected a whole number
    """
    found: Any = _tuples(value)
    if is_dataclass(kind):
        _check_keys(kind, found)
        hints = _hints(kind)
        found = kind(**{name: _checked(hints[name], each, f"{name}: ") for name, each in found.items()})
    else:
        _checked(kind, found)
    return cast("Stored", found)


def _checked(kind: Any, value: Any, where: str = "") -> Any:  # noqa: ANN401 - any type, and its value
    """The value itself: a whole number stays one where a number is expected."""
    try:
        _adapter(kind).validate_python(value, strict=True)
    except ValidationError as error:
        raise ValueError(where + first_error(error)) from None
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    return get_type_hints(kind)


def first_error(error: ValidationError) -> str:
    """Where the first thing is that does not fit, and what was expected there; never what was found, nor at length."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(_shown(str(step)) for step in first["loc"])
    return f"{where}: {expectation(first)}" if where else expectation(first)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any type
    return TypeAdapter(kind)


def _check_keys(kind: Any, value: object) -> None:  # noqa: ANN401 - a dataclass
    if not isinstance(value, dict):
        raise ValueError("expected a mapping")
    known = {each.name: each.default is MISSING and each.default_factory is MISSING for each in fields(kind)}
    for name in value:
        if name not in known:
            raise ValueError(f"{_shown(name)!r} is not a key that it has")
    for name, needed in known.items():
        if needed and name not in value:
            raise ValueError(f"the key {name!r} is missing")


def _tuples(value: object) -> object:
    if isinstance(value, list):
        return tuple(_tuples(each) for each in value)
    return {key: _tuples(each) for key, each in value.items()} if isinstance(value, dict) else value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"the key {_shown(twice)!r} is there twice")
    return mapping


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{_shown(text)} is not a finite number")
    return number


def _whole(text: str) -> int:
    if len(text) > 20 or not -_LARGEST <= int(text) < _LARGEST:
        raise ValueError(f"{_shown(text)} is too large a number")
    return int(text)


def _check_depth(tree: object) -> None:
    level = [tree]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ValueError(_too_deep())


def _too_deep() -> str:
    return f"more than {MAX_DEPTH} lists or mappings lie inside each other"


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
