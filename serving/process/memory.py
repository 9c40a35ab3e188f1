"""Give the memory of long bodies back to the system."""

import ctypes
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE = 512 * 1024  # bytes


def keep_large_apart() -> None:
    """Let each large block have memory of its own, which goes back when it is freed; does nothing without glibc.

    Left to itself, glibc takes blocks of up to 32 MB from its heap as soon as one of that size was freed, and what is
    freed between two others stays.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            library = ctypes.CDLL(None)
            library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
            library.mallopt(_M_TRIM_THRESHOLD, _LARGE)


def give_back() -> None:
    """Give back what lies free between blocks in use, such as the many small ones that a body was read into."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
