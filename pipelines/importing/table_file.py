"""One canonical table on its way to its Parquet file: chunks appended, keys made unique, each row traceable."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.contract import load_contract
from pipelines.importing.rejects import Rejects, quoted


@dataclass(frozen=True)
class Origin:
    """Where consecutive rows of the table are from."""

    file: str
    rows: NDArray[np.int64]
    keep_first: bool


class TableFile:
    """Writes a table in pieces; memory holds one piece and eight bytes per row."""

    def __init__(self, table: str, schema: pa.Schema, directory: Path) -> None:
        self.table = table
        self.schema = schema
        self.path = directory / f"{table}.parquet"
        self._origins: list[Origin] = []
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "TableFile":
        self._writer = pq.ParquetWriter(self.path, self.schema)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.close()

    def append(self, rows: pa.Table, origin: Origin) -> None:
        """Write rows of the table's schema."""
        assert self._writer is not None
        if len(rows):
            self._writer.write_table(rows)
            self._origins.append(origin)

    def make_unique(self, rejects: Rejects, *, threads: int, memory: int) -> None:
        """Keep the first row of every key; the others are rejected, or left out where their block says so."""
        key = load_contract(self.table).key
        later = repeated(self.path, key, threads=threads, memory=memory) if key else np.array([], dtype=np.int64)
        if not len(later):
            return
        ids = pq.read_table(self.path, columns=[key]).column(key).take(pa.array(later)).to_pylist()
        start = 0
        for origin in self._origins:
            stop = start + len(origin.rows)
            inside = (later >= start) & (later < stop)
            if not origin.keep_first:
                reasons = [f"{quoted(id_)} is duplicated" for id_, yes in zip(ids, inside, strict=True) if yes]
                rows = origin.rows[later[inside] - start]
                rejects.add(self.table, origin.file, rows, str(key), reasons, "a key in one row only")
            start = stop
        self._rewrite_without(later)

    def column(self, name: str) -> pa.Array:
        """A column of the file as it stands."""
        return pq.read_table(self.path, columns=[name]).column(name).combine_chunks()

    @property
    def rows(self) -> int:
        """How many rows the file holds."""
        return int(pq.read_metadata(self.path).num_rows)

    def _rewrite_without(self, positions: NDArray[np.int64]) -> None:
        kept = np.ones(self.rows, dtype=bool)
        kept[positions] = False
        other = self.path.with_suffix(".once")
        with pq.ParquetWriter(other, self.schema) as writer:
            start = 0
            for batch in pq.ParquetFile(self.path).iter_batches():
                writer.write_batch(batch.filter(pa.array(kept[start : start + batch.num_rows])))
                start += batch.num_rows
        other.replace(self.path)


def repeated(path: Path, key: str, *, threads: int, memory: int) -> NDArray[np.int64]:
    """The positions (from 0, rising) of rows whose key an earlier row has; DuckDB spills to disk beside the file."""
    import duckdb

    limits = {"threads": str(threads), "memory_limit": f"{memory}B", "temp_directory": str(path.parent)}
    with duckdb.connect(config=dict(limits)) as db:
        duplicated = f"SELECT {key} FROM read_parquet($path) GROUP BY 1 HAVING count(*) > 1"  # noqa: S608 - a contract's name
        query = (
            f"SELECT position FROM (SELECT file_row_number AS position, row_number() OVER"  # noqa: S608
            f" (PARTITION BY {key} ORDER BY file_row_number) AS nth FROM read_parquet($path, file_row_number = true)"
            f" WHERE {key} IN ({duplicated})) WHERE nth > 1 ORDER BY position"
        )
        return np.asarray(db.execute(query, {"path": str(path)}).fetchnumpy()["position"], dtype=np.int64)


def latest_time(path: Path) -> object:
    """The latest time in any column of a Parquet file, by its statistics; None where there is none."""
    metadata = pq.read_metadata(path)
    schema = metadata.schema.to_arrow_schema()
    times = [i for i, field in enumerate(schema) if pa.types.is_timestamp(field.type)]
    latest = []
    for group in range(metadata.num_row_groups):
        statistics = [metadata.row_group(group).column(i).statistics for i in times]
        latest += [each.max for each in statistics if each is not None and each.has_min_max]
    return max(latest, default=None)


def add_missing_accounts(accounts: TableFile, wanted: pa.Array) -> None:
    """Give every account that only leads mention a row with nothing but its id."""
    known = accounts.column("account_id")
    new = pc.unique(wanted.drop_null().filter(pc.invert(pc.is_in(wanted.drop_null(), known))))
    if not len(new):
        return
    table = pq.read_table(accounts.path)
    nulls = [pa.nulls(len(new), field.type) for field in accounts.schema]
    nulls[accounts.schema.get_field_index("account_id")] = new
    pq.write_table(pa.concat_tables([table, pa.table(nulls, schema=accounts.schema)]), accounts.path)
