"""The tables of a dataset as DuckDB sees them, and the positions of leads."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from data_contracts.dataset import TABLES, Dataset
from pipelines.workspace.resources import Resources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def open_database(dataset: Dataset, resources: Resources) -> Iterator["DuckDBPyConnection"]:
    """A database in memory that sees the tables by name; beyond its share of the memory it works from disk.

    ``lead_rows`` has the position of each lead in its table. Raises FileError where a table is absent.
    """
    import duckdb

    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as database:
        database.execute(f"SET threads = {resources.threads}")
        database.execute(f"SET memory_limit = '{resources.database}B'")
        database.execute("SET preserve_insertion_order = false")  # events are put in order afterwards
        if one(database, "SELECT current_setting('enable_progress_bar')"):  # off, it must not be touched in notebooks
            database.execute("SET enable_progress_bar = false")
        database.execute(f"SET temp_directory = '{spill}'")
        for table in TABLES:
            numbered = ", file_row_number = true" if table == "leads" else ""
            database.execute(f"CREATE VIEW {table} AS FROM read_parquet({_quoted(dataset, table)}{numbered})")
        database.execute("CREATE VIEW lead_rows AS SELECT lead_id, file_row_number::INTEGER AS lead FROM leads")
        yield database


def _quoted(dataset: Dataset, table: str) -> str:
    return "'" + str(dataset.path(table)).replace("'", "''") + "'"


def one(database: "DuckDBPyConnection", query: str) -> Any:  # noqa: ANN401 - one value of any type
    """The only value that a query gives, None where it gives no row."""
    rows = database.execute(query).fetchall()
    return rows[0][0] if rows else None
