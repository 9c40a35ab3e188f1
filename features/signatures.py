"""How functions are compiled: ahead of time, for the one signature that they declare."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import types

F = TypeVar("F", bound=Callable[..., Any])

INTEGERS = types.int64[::1]
FLOATS = types.float64[::1]
CODES = types.int32[::1]
FLAGS = types.boolean[::1]
BYTES = types.uint8[::1]
MATRIX = types.float64[:, ::1]
PLACES = types.int64[:, ::1]
ANY_LAYOUT = types.float64[:, :]


def compiled(signature: Any) -> Callable[[F], F]:  # noqa: ANN401 - numba has no types
    """Compile a function when its module is imported, keep the machine code on disk, and let go of Python's lock.

    One signature: a batch and a single row run the same machine code, which is what makes them bit-identical.
    """
    decorator: Callable[[F], F] = numba.njit(signature, cache=True, nogil=True)

    def compile_or_recompile(function: F) -> F:
        try:
            return decorator(function)
        except (ImportError, AttributeError):  # an upgrade moved a class that the cache's index names
            numba.njit(cache=True, nogil=True)(function)._cache.flush()
            return decorator(function)

    return compile_or_recompile
