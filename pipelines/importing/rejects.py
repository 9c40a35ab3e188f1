"""Rows rejected: which, why, and whether there are too many of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import TABLES
from data_contracts.errors import TableError
from data_contracts.personal import mask
from data_contracts.wording import counted

SCHEMA = pa.schema([
    ("file", pa.string()),
    ("row", pa.int64()),
    ("column", pa.string()),
    ("reason", pa.string()),
    ("expected", pa.string()),
])  # fmt: skip
SHOWN = 5  # reasons that an error names, each with the first row that has it
QUOTED = r"'(?:[^'\\\\]|\\\\.)*'|\"[^\"]*\"|[0-9][0-9,]*"  # the cell in a reason, and numbers of rows
STORED = 1_000_000  # rows that the file of a table holds at most; all are counted


@dataclass
class Rejects:
    """Collects the rows rejected per table. ``considered`` counts the rows that each table asked of each file."""

    stored: dict[str, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    by_file: Counter[tuple[str, str]] = field(default_factory=Counter)
    considered: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(
        self,
        table: str,
        file: str,
        rows: NDArray[np.int64],
        column: str,
        reasons: Sequence[str],
        expected: str = "",
        *,
        names: Sequence[Iterable[str]] | None = None,
        counted: bool = True,
    ) -> None:
        """Reject rows. ``names`` holds what to blot out of each reason; not ``counted``: another row's fault."""
        if not len(rows):
            return
        space = STORED - self.counts[table]
        self.counts[table] += len(rows)
        if counted:
            self.by_file[table, file] += len(rows)
        if space > 0:
            masked = [mask(r, names[i] if names else ()) for i, r in enumerate(reasons[:space])]
            self.stored[table].append(_as_table(file, rows[:space], column, masked, expected))

    def merge(self, other: "Rejects") -> None:
        """Take over what another one collected."""
        for table, parts in other.stored.items():
            self.stored[table].append(pa.concat_tables(parts).slice(0, max(STORED - self.counts[table], 0)))
        self.counts.update(other.counts)
        self.by_file.update(other.by_file)
        self.considered.update(other.considered)

    def check(self, allowed: float) -> None:
        """Raise TableError where more than the share ``allowed`` of what a table asked of a file was rejected."""
        for (table, file), bad in self.by_file.items():
            asked = self.considered[table, file]
            if bad > allowed * asked:
                raise TableError(
                    f"{file}: {bad:,} of {counted(asked, 'row')} cannot be used for {table}, more than the"
                    f" {allowed:.0%} allowed. {self._first(table, file)}",
                    hint="Mend the file or the mapping, or allow more with --max-rejected.",
                )

    def _first(self, table: str, file: str) -> str:
        parts = [each.filter(pc.equal(each["file"], file)) for each in self.stored[table]]
        return " ".join(describe(row) for row in _one_of_each(pa.concat_tables(parts)))

    def write(self, directory: Path) -> None:
        """Write one Parquet file per table, without rows where nothing was rejected."""
        directory.mkdir(parents=True, exist_ok=True)
        for table in TABLES:
            parts = self.stored.get(table) or [SCHEMA.empty_table()]
            pq.write_table(pa.concat_tables(parts), directory / f"{table}.parquet")


def quoted(cell: str | None) -> str:
    """A cell as reasons show it: the beginning of a long one."""
    shown = "nothing" if cell is None else repr(cell[:100])
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def describe(row: dict[str, object]) -> str:
    """One rejected row as a sentence."""
    column = f", column {row['column']!r}" if row["column"] else ""
    expected = f" (expected {row['expected']})" if row["expected"] else ""
    more = f", and {counted(int(str(row['more'])), 'row')} like it" if row.get("more") else ""
    return f"Row {row['row']}{column}: {row['reason']}{expected}{more}."


def first_rejected(directory: Path) -> list[str]:
    """One rejected row for each reason of every table, as sentences."""
    lines = []
    for table in TABLES:
        rows = _one_of_each(pq.read_table(directory / f"{table}.parquet"))
        lines += [f"{row['file']} for {table}: {describe(row)}" for row in rows]
    return lines


def _one_of_each(rows: pa.Table) -> list[dict[str, object]]:
    """The first row for each column and reason, the most frequent reasons first; ``more`` counts those like it."""
    frame = rows.to_pandas()
    kind = frame["reason"].str.replace(QUOTED, "{}", regex=True)
    groups = frame.groupby([frame["file"], frame["column"], kind], sort=False)
    counted = groups.head(1).assign(more=groups.size().to_numpy() - 1)
    shown = counted.sort_values("more", ascending=False, kind="stable").head(SHOWN)
    return [{str(key): value for key, value in row.items()} for row in shown.to_dict("records")]


def _as_table(file: str, rows: NDArray[np.int64], column: str, reasons: list[str], expected: str) -> pa.Table:
    n = len(rows)
    arrays = [pa.array([file] * n), pa.array(rows), pa.array([column] * n), pa.array(reasons), pa.array([expected] * n)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
