"""What a long body holds, counted before anything is made of it: a million lists take seconds to build.

A body is looked through as bytes, and whether it is JSON is left to the parser: what is none may be cut at odd places,
and then its parts are none either.
"""

from typing import TypeAlias

import numpy as np
from numba import types
from numpy.typing import NDArray

from features.signatures import PLACES, compiled

MAX_DEPTH = 8
TOO_DEEP, TOO_MANY_FIELDS, TOO_MANY_ITEMS, TOO_MANY_PARTS = 1, 2, 3, 4
Body: TypeAlias = NDArray[np.uint8]
_BODY = types.Array(types.uint8, 1, "C", readonly=True)
_QUOTE, _ESCAPE, _COMMA, _COLON = ord('"'), ord("\\"), ord(","), ord(":")
_OBJECT, _LIST, _END_OF_OBJECT, _END_OF_LIST, _SPACE = ord("{"), ord("["), ord("}"), ord("]"), ord(" ")


@compiled(types.int64(_BODY, types.int64))
def end_of_string(body: Body, at: int) -> int:
    """The place of the quote that ends a string which begins at ``at``; the end of the body where there is none."""
    at += 1
    while at < len(body) and body[at] != _QUOTE:
        at += 2 if body[at] == _ESCAPE else 1
    return min(at, len(body))


@compiled(types.int64(_BODY, types.int64, types.int64, types.int64))
def excess(body: Body, fields: int, items: int, parts: int) -> int:
    """0, or what a body has too much of: depth, fields of an object, items of a list, objects and lists."""
    count, most = np.zeros(MAX_DEPTH + 1, np.int64), np.zeros(MAX_DEPTH + 1, np.int64)
    depth = seen = at = 0
    while at < len(body):
        sign = body[at]
        if sign == _QUOTE:
            at = end_of_string(body, at)
        elif sign in (_OBJECT, _LIST):
            depth, seen = depth + 1, seen + 1
            if depth > MAX_DEPTH or seen > parts:
                return TOO_DEEP if depth > MAX_DEPTH else TOO_MANY_PARTS
            count[depth], most[depth] = 1, fields if sign == _OBJECT else items
        elif sign in (_END_OF_OBJECT, _END_OF_LIST):
            depth = max(depth - 1, 0)
        elif sign == _COMMA:
            count[depth] += 1
            if depth and count[depth] > most[depth]:
                return TOO_MANY_FIELDS if most[depth] == fields else TOO_MANY_ITEMS
        at += 1
    return 0


@compiled(types.int64(_BODY, _BODY))
def list_under(body: Body, key: Body) -> int:
    """Where the list begins, behind its bracket, that the outermost object has under a key; -1 where it has none."""
    depth = at = 0
    while at < len(body):
        sign = body[at]
        if sign == _QUOTE:
            begin, at = at + 1, end_of_string(body, at)
            if depth == 1 and at - begin == len(key) and np.all(body[begin:at] == key):
                after = at + 1
                while after < len(body) and (body[after] <= _SPACE or body[after] == _COLON):
                    after += 1
                if after < len(body) and body[after] == _LIST:
                    return after + 1
        elif sign in (_OBJECT, _LIST):
            depth += 1
        elif sign in (_END_OF_OBJECT, _END_OF_LIST):
            depth -= 1
        at += 1
    return -1


@compiled(types.int64(_BODY, types.int64, PLACES))
def cut(body: Body, begin: int, places: NDArray[np.int64]) -> int:
    """The number of items of a list that begins there, and where the first n begin and end, in ``places`` (n + 1, 2).

    -1: it has no end. A list without items has one that is empty.
    """
    depth = count = 0
    at = begin
    while at < len(body):
        sign = body[at]
        if sign == _QUOTE:
            at = end_of_string(body, at)
        elif sign in (_OBJECT, _LIST):
            depth += 1
        elif depth == 0 and sign in (_COMMA, _END_OF_OBJECT, _END_OF_LIST):
            place = min(count, len(places) - 1)
            places[place, 0], places[place, 1] = begin, at
            count += 1
            begin = at + 1
            if sign != _COMMA:
                return count
        elif sign in (_END_OF_OBJECT, _END_OF_LIST):
            depth -= 1
        at += 1
    return -1
