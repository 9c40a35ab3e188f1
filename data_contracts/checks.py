"""Checks across tables and rows, over Parquet of any size (DuckDB)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import arrow_schema, load_contract
from data_contracts.dataset import TABLES, Dataset
from data_contracts.errors import FileError
from data_contracts.expectations import COLUMNS_CLAIM
from data_contracts.finding import EXAMPLES, Finding, examples
from data_contracts.row_checks import RowCheck, row_checks
from data_contracts.table_checks import Query, table_checks


def run_checks(
    dataset: Dataset, *, threads: int, memory: int, advance: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """All checks over a dataset, in a stable order.

    Where a table lacks columns of its contract only that is reported: the other checks could not run. The present
    stands in for a data cutoff that the manifest lacks. DuckDB works in ``threads`` and ``memory`` bytes, beyond them
    from disk. ``advance`` hears the name of each table that is done. Raises FileError where a table cannot be read.
    """
    structure = [_structure(dataset, table) for table in TABLES]
    if not all(finding.passed for finding in structure):
        return structure
    cutoff = dataset.manifest.data_cutoff or datetime.now(UTC)
    found: list[Finding] = []
    with _connected(dataset, threads, memory) as query:
        for table, first in zip(TABLES, structure, strict=True):
            found += [first, *table_checks(query, table, dataset.manifest)]
            found += _broken_rows(query, table, list(row_checks(table, dataset.manifest, cutoff)))
            advance(table)
    return found


def _structure(dataset: Dataset, table: str) -> Finding:
    there = {field.name: field.type for field in _schema(dataset, table)}
    wanted = {field.name: field.type for field in arrow_schema(table, dataset.manifest.attributes)}
    wrong = [f"{name} is absent" for name in wanted if name not in there]
    wrong += [f"{name} belongs to no contract" for name in there if name not in wanted]
    for name, type_ in wanted.items():
        if name in there and not _same(there[name], type_):
            wrong.append(f"{name} is {there[name]} and not {type_}")
    return Finding(
        name=COLUMNS_CLAIM,
        table=table,
        level="error",
        passed=not wrong,
        found="; ".join(wrong) or f"{len(there)} columns",
        expected="the columns and types of the contract and of the attributes in dataset.json",
        advice="Import again: these files were not written by this version.",
    )


def _schema(dataset: Dataset, table: str) -> pa.Schema:
    path = dataset.path(table)
    if not path.exists():
        raise FileError(f"{path} does not exist.", hint="Run `whylead import` first.")
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"{path} is not a Parquet file: {error}.", hint="Run `whylead import` again.") from error


def _same(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether two types are the same to a reader; strings may be large or coded."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    if pa.types.is_string(wanted):
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found))
    return bool(found == wanted)


def _broken_rows(query: Query, table: str, checks: list[RowCheck]) -> Iterator[Finding]:
    counts = ", ".join(f"count(*) FILTER ({check.broken})" for check in checks)
    total, *broken = query(f"SELECT count(*), {counts} FROM {table}")  # noqa: S608 - one pass for all of them
    for check, rows in zip(checks, broken, strict=True):
        fails = rows > check.tolerated * total
        yield Finding(
            name=check.name,
            table=table,
            level="error" if (fails if rows else check.tolerated < 1) else "warning",
            passed=rows == 0,
            found=f"{rows:,} of {total:,} rows break this" if rows else "as expected",
            expected=check.expected,
            rows=rows,
            examples=_examples(query, check) if rows else (),
            advice=check.advice,
        )


def _examples(query: Query, check: RowCheck) -> tuple[str, ...]:
    key = load_contract(check.table).key or "coalesce(lead_id, account_id)"
    broken = f"SELECT DISTINCT {key} AS id FROM {check.table} WHERE {check.broken} ORDER BY 1 LIMIT {EXAMPLES}"  # noqa: S608
    (ids,) = query(f"SELECT list(id) FROM ({broken}) WHERE id IS NOT NULL")  # noqa: S608
    return examples(ids or ())


@contextmanager
def _connected(dataset: Dataset, threads: int, memory: int) -> Iterator[Query]:
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{memory}B",
        "temp_directory": str(dataset.directory / ".duckdb"),
    }
    with duckdb.connect(config=settings) as connection:
        for table in TABLES:
            path = str(dataset.path(table)).replace("'", "''")
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608

        def query(sql: str) -> tuple[Any, ...]:
            try:
                row = connection.execute(sql).fetchone()
            except duckdb.Error as error:
                raise FileError(
                    f"The tables in {dataset.directory} cannot be read: {error}.", hint="Run `whylead import` again."
                ) from error
            assert row is not None  # every query here aggregates
            return tuple(row)

        yield query
