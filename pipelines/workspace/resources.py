"""How many threads and how much memory a command may use, and what the memory is spent on."""

import os
import re
from dataclasses import dataclass

from pydantic import ByteSize, TypeAdapter, ValidationError

from data_contracts.errors import ParamsError
from data_contracts.threads import usable_threads

MEMORY_VARIABLE = "WHYLEAD_MEMORY"
THREADS_VARIABLE = "WHYLEAD_THREADS"
DEFAULT_MEMORY = "2GB"
MIN_MEMORY = 64_000_000


@dataclass(frozen=True)
class Resources:
    """Threads to work in, and bytes for reading tables, joining them and holding events.

    What columns of leads take comes on top of the memory. Neither changes any result.

    >>> Resources(threads=2, memory=2_000_000_000).block
    500000000
    """

    threads: int
    memory: int

    @classmethod
    def of(cls, memory: str | None = None) -> "Resources":
        """The memory of a text such as ``2GB``, else of WHYLEAD_MEMORY, else 2 GB; the threads of WHYLEAD_THREADS.

        Threads are by default as many as there are processors, at most four. Raises ParamsError where the memory is
        not a size or is too small to work in, or the threads are not a number from 1.
        """
        where = "--memory" if memory is not None else MEMORY_VARIABLE
        text = memory if memory is not None else os.environ.get(MEMORY_VARIABLE) or DEFAULT_MEMORY
        return cls(_threads(os.environ.get(THREADS_VARIABLE)), _bytes(where, text))

    @property
    def database(self) -> int:
        """DuckDB's share in bytes; beyond it DuckDB works from disk."""
        return self.memory // 2

    @property
    def spill(self) -> int:
        """Bytes for events that wait for their block; beyond them they wait on disk."""
        return self.memory // 4

    @property
    def block(self) -> int:
        """Bytes for the events of one block."""
        return self.memory // 4


def _bytes(where: str, text: str) -> int:
    try:
        # ByteSize reads what it knows at the beginning of a text, whatever comes after it.
        size = int(TypeAdapter(ByteSize).validate_python(re.sub(r"\s+", "", text)))
    except ValidationError as error:
        raise ParamsError(f"{where}: {text!r} is not a size.", hint="Write it as 2GB or 800MB.") from error
    if size < MIN_MEMORY:
        raise ParamsError(f"{where}: {text!r} is too little.", hint=f"Give at least {MIN_MEMORY // 10**6}MB.")
    return size


def _threads(text: str | None) -> int:
    if not text:
        return usable_threads()
    if not text.isdecimal() or int(text) < 1:
        raise ParamsError(f"{THREADS_VARIABLE}: {text!r} is not a number of threads.", hint="Give a number from 1.")
    return int(text)
