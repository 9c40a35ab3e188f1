"""The tables of a dataset as DuckDB sees them, and the positions of leads and accounts."""

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
            numbered = ", file_row_number = true" if table in ("leads", "accounts") else ""
            database.execute(f"CREATE VIEW {table} AS FROM read_parquet({_quoted(dataset, table)}{numbered})")
        database.execute("CREATE VIEW lead_rows AS SELECT lead_id, file_row_number::INTEGER AS lead FROM leads")
        yield database


def _quoted(dataset: Dataset, table: str) -> str:
    return "'" + str(dataset.path(table)).replace("'", "''") + "'"


@contextmanager
def numbered_accounts(database: "DuckDBPyConnection") -> Iterator[None]:
    """``account_rows`` for as long as it is needed: accounts as in their table, then those that only leads name."""
    database.execute("""
        CREATE TEMP TABLE account_rows AS
        WITH named AS (
            SELECT account_id, min(file_row_number) AS row FROM leads
            WHERE account_id IS NOT NULL AND account_id NOT IN (SELECT account_id FROM accounts) GROUP BY account_id
        )
        SELECT account_id, file_row_number::INTEGER AS account FROM accounts UNION ALL
        SELECT account_id, ((SELECT count(*) FROM accounts) + row_number() OVER (ORDER BY row) - 1)::INTEGER FROM named
    """)
    yield
    database.execute("DROP TABLE account_rows")


def one(database: "DuckDBPyConnection", query: str) -> Any:  # noqa: ANN401 - one value of any type
    """The only value that a query gives, None where it gives no row."""
    rows = database.execute(query).fetchall()
    return rows[0][0] if rows else None
