"""Long bodies, read in steps: what is too much is refused before anything is made of it, and items are read one by one.

The parser holds Python's lock from the first byte to the last, in whichever thread it runs, and nobody else is answered
meanwhile. A short body takes a few milliseconds; a long one is counted first, and a batch is cut into its items.
"""

from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from serving.schemas import kernels
from serving.schemas.requests import MAX_BATCH, MAX_EVENTS, MAX_FIELDS, BatchRequest, Lead, ScoreRequest

AT_ONCE = 32 * 1024  # bytes of a body that is read in one go
MAX_IN_OBJECT = MAX_FIELDS + len(Lead.model_fields)
MAX_PARTS = 4 * MAX_EVENTS  # objects and lists of one item
ENOUGH = 1_000  # errors, after which the rest of a batch is not read
_ITEMS = np.frombuffer(b"items", np.uint8)
_EXCESS = {
    kernels.TOO_DEEP: f"expected at most {kernels.MAX_DEPTH} objects and lists within one another",
    kernels.TOO_MANY_FIELDS: f"Expected objects of at most {MAX_IN_OBJECT:,} fields",
    kernels.TOO_MANY_ITEMS: f"Expected lists of at most {MAX_EVENTS:,} items",
    kernels.TOO_MANY_PARTS: f"Expected at most {MAX_PARTS:,} objects and lists",
}
Place = tuple[str | int, ...]
Read = TypeVar("Read", bound=BaseModel)


class WrongBodyError(Exception):
    """What is wrong with a body: the first errors, by place, and how many there are, or at least are."""

    def __init__(self, errors: list[ErrorDetails], count: int, *, at_least: bool = False) -> None:
        super().__init__(f"{count} errors")
        self.errors = errors
        self.count = count
        self.at_least = at_least


def read_score(body: bytes, place: Place = ("body",)) -> ScoreRequest:
    """The request that a body holds. Raises WrongBodyError."""
    return _read(ScoreRequest, body, place)


def read_batch(body: bytes) -> BatchRequest:
    """The requests that a body holds. Raises WrongBodyError."""
    places = np.zeros((MAX_BATCH + 1, 2), np.int64)
    view = np.frombuffer(body, np.uint8)
    begin = kernels.list_under(view, _ITEMS)
    count = kernels.cut(view, begin, places) if begin >= 0 else -1
    if count > MAX_BATCH:
        raise WrongBodyError([_too_many(count)], 1)
    if count < 0:
        return _read(BatchRequest, body, ("body",))
    found = places[:count].tolist()
    end = found[-1][1]
    if not body[begin:end].strip():
        found = []
    rest = _read(BatchRequest, body[:begin] + body[end:], ("body",))
    # Where a second list is called items, the parser has the last word.
    return (
        _read(BatchRequest, body, ("body",)) if rest.items else rest.model_copy(update={"items": _items(body, found)})
    )


def _items(body: bytes, places: list[list[int]]) -> list[ScoreRequest]:
    items, errors, count = [], list[ErrorDetails](), 0
    for number, (begin, end) in enumerate(places):
        try:
            items.append(read_score(body[begin:end], ("body", "items", number)))
        except WrongBodyError as error:
            errors += error.errors
            count += error.count
            if count >= ENOUGH:
                raise WrongBodyError(errors, count, at_least=number + 1 < len(places)) from error
    if count:
        raise WrongBodyError(errors, count)
    return items


def _read(model: type[Read], body: bytes, place: Place) -> Read:
    excess = kernels.excess(np.frombuffer(body, np.uint8), MAX_IN_OBJECT, MAX_EVENTS, MAX_PARTS) if body else 0
    if excess:
        kind = "too_deep" if excess == kernels.TOO_DEEP else "too_much"
        raise WrongBodyError([_error(kind, _EXCESS[excess], place)], 1)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise WrongBodyError([{**each, "loc": (*place, *each["loc"])} for each in errors], len(errors)) from error


def _too_many(count: int) -> ErrorDetails:
    return _error("batch_too_large", f"Expected at most {MAX_BATCH} items, found {count}", ("body", "items"))


def _error(kind: str, message: str, place: Place) -> ErrorDetails:
    return {"type": kind, "msg": message, "loc": place, "input": None}
