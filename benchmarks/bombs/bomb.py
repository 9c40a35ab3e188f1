"""One file that costs far more than its size says, and what is run on it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("id", "created", "stage", "closed", "city")
HEADER = ",".join(COLUMNS).encode() + b"\n"
MAPPING = """\
name: bomb
sources: {{export: {{file: {file}}}}}
order: time
tables:
  leads: {{from: export, columns: {{lead_id: id, created_at: created}}, other_columns: {{}}}}
  deals:
    from: export
    columns:
      {{deal_id: id, lead_id: id, closed_at: closed, outcome: {{column: stage, values: {{Won: won, Lost: lost}}}}}}
"""


@dataclass(frozen=True)
class Bomb:
    """``write`` makes the file; ``says`` is part of the answer, empty where any answer will do."""

    name: str
    file: str
    write: Callable[[Path], None]
    says: str = ""
    command: str = "import"


def healthy(n: int = 200) -> bytes:
    """A header and n rows that are as they should be."""
    return HEADER + b"".join(row(i) for i in range(n))


def row(i: int, city: bytes = b"Rome") -> bytes:
    """One row that is as it should be."""
    day = b"2024-%02d-%02d" % (i % 12 + 1, i % 28 + 1)
    return b"L%07d,%s,%s,%s,%s\n" % (i, day, (b"Won", b"Lost")[i % 2], day, city)


def write_healthy(path: Path) -> None:
    """A file that is as it should be."""
    path.write_bytes(healthy())
