"""A small healthy export and its mapping, for tests that spoil one thing."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable
from pathlib import Path

HEADER = ["id", "created", "stage", "closed", "amount", "email", "name", "score", "city", "active", "channel"]

MAPPING = """\
name: test
sources:
  export:
    file: leads.csv
order: time
tables:
  leads:
    from: export
    columns:
      lead_id: id
      created_at: created
      source: channel
    personal: {name: name, email: email}
    attributes:
      score: {type: numeric, speaks: true}
      city: {type: categorical}
      active: {type: boolean}
  deals:
    from: export
    columns:
      deal_id: id
      lead_id: id
      outcome: {column: stage, values: {Won: won, Lost: lost, Open: open}}
      opened_at: created
      closed_at: closed
      amount: amount
"""

Rows = list[list[str]]


def healthy(n: int = 100) -> Rows:
    """A header and n rows, half of them won."""
    start = dt.date(2023, 1, 1)
    rows = [list(HEADER)]
    for i in range(n):
        created = start + dt.timedelta(days=i % 300)
        rows.append([
            f"L{i:05d}", created.isoformat(), "Won" if i % 2 else "Lost", (created + dt.timedelta(days=20)).isoformat(),
            str(100 + i), f"person{i}@firm{i % 7}.example.com", f"Zebulon{i} Quackenbush{i}", f"{i / 10}",
            ["Rome", "Madrid", "Lyon"][i % 3], "yes" if i % 5 else "no", ["web", "fair"][i % 2],
        ])  # fmt: skip
    return rows


def spoil(column: str, value: str | Callable[[int], str], rows: Iterable[int] = range(10)) -> Rows:
    """The healthy export with the cells of a column replaced in some data rows (from 0)."""
    table = healthy()
    for i in rows:
        table[i + 1][HEADER.index(column)] = value if isinstance(value, str) else value(i)
    return table


def as_csv(rows: Rows, delimiter: str = ",", encoding: str = "utf-8", end: str = "\n") -> bytes:
    """Rows as the bytes of a CSV file."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue().encode(encoding)


def write_export(directory: Path, files: dict[str, bytes]) -> Path:
    """Write files below a new directory ``source``."""
    source = directory / "source"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_bytes(content)
    return source
