"""How much memory the events of a dataset may take, and what it is spent on."""

import os
import re
from dataclasses import dataclass

from data_contracts.errors import ParamsError

VARIABLE = "WHYLEAD_MEMORY"
DEFAULT = "2GB"
LEAST = 64_000_000
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Memory:
    """Bytes for reading tables, joining them and holding events; what columns of leads take comes on top."""

    total: int

    @property
    def database(self) -> int:
        """DuckDB's share; beyond it DuckDB works from disk."""
        return self.total // 2

    @property
    def runs(self) -> int:
        """For events that wait for their block; beyond it they wait on disk."""
        return self.total // 4

    @property
    def block(self) -> int:
        """For the events of one block."""
        return self.total // 4


def memory_of(text: str | None) -> Memory:
    """The memory of a text such as ``2GB`` or ``800 MB``; None: that of the environment, else the default.

    Raises ParamsError where it is no size, or too small to work in.
    """
    where = "--memory" if text is not None else VARIABLE
    given = text if text is not None else os.environ.get(VARIABLE) or DEFAULT
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", given.upper())
    if found is None:
        raise ParamsError(f"{where}: {given!r} is no size.", hint="Write it as 2GB or 800MB.")
    total = int(float(found[1]) * _UNITS[found[2]])
    if total < LEAST:
        raise ParamsError(f"{where}: {given!r} is too little.", hint=f"Give at least {LEAST // 10**6}MB.")
    return Memory(total)
