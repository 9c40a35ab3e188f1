"""How many threads and how much memory a command may use, and what the memory is spent on."""

import os
import re
from dataclasses import dataclass

from pydantic import ByteSize, TypeAdapter, ValidationError

from data_contracts.errors import ParamsError
from data_contracts.threads import usable_threads

MEMORY_VARIABLE = "WHYLEAD_MEMORY"
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
        """The memory of a text such as ``2GB``, else of WHYLEAD_MEMORY, else 2 GB; as many threads as are usable.

        Raises ParamsError where the memory is not a size or is too small to work in, or WHYLEAD_THREADS is not a number
        from 1.
        """
        where = "--memory" if memory is not None else MEMORY_VARIABLE
        text = memory if memory is not None else os.environ.get(MEMORY_VARIABLE) or DEFAULT_MEMORY
        return cls(usable_threads(), _bytes(where, text))

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
        # ByteSize alone reads what it knows at the beginning of a text, whatever comes after it.
        whole = re.fullmatch(ByteSize.byte_string_pattern, text.strip(), re.ASCII)
        size = int(TypeAdapter(ByteSize).validate_python(whole and whole[0]))
    except ValidationError as error:
        raise ParamsError(f"{where}: {text!r} is not a size.", hint="Write it as 2GB or 800MB.") from error
    if size < MIN_MEMORY:
        raise ParamsError(f"{where}: {text!r} is too little.", hint=f"Give at least {MIN_MEMORY // 10**6}MB.")
    return size
