"""The checks of every table, and how DuckDB runs them over all rows, of any number."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.checks.columns import column_checks
from data_contracts.checks.finding import EXAMPLES, Finding, breaking, examples
from data_contracts.checks.rows import row_checks
from data_contracts.checks.spec import BrokenRows, CheckSpec, Measurement
from data_contracts.checks.tables import table_checks
from data_contracts.contract import arrow_schema, load_contract
from data_contracts.dataset import TABLES, Dataset, DatasetManifest
from data_contracts.errors import FileError
from data_contracts.wording import counted, reason

Query: TypeAlias = Callable[[str], tuple[Any, ...]]  # SQL over the tables to the one row of its answer
_HINT = "Run `whylead import` again."


def check_specs(table: str, manifest: DatasetManifest) -> list[CheckSpec]:
    """All checks of a table; the first is that it has its columns."""
    return [*column_checks(table, manifest), *table_checks(table, manifest), *row_checks(table, manifest)]


def run_checks(
    dataset: Dataset, *, threads: int, memory: int, advance: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """All checks over a dataset, in a stable order.

    Where a table lacks columns of its contract only that is reported: the other checks could not run. The present
    stands in for a data cutoff that the manifest lacks. DuckDB works in ``threads`` and ``memory`` bytes, beyond them
    from disk. ``advance`` hears the name of each table that is done. Raises FileError where a table cannot be read.
    """
    specs = {table: check_specs(table, dataset.manifest) for table in TABLES}
    findings = [_structure(dataset, table, specs[table][0]) for table in TABLES]
    if not all(finding.passed for finding in findings):
        return findings
    with _connected(dataset, threads, memory) as query:
        for table in TABLES:
            findings += [*_measured(query, specs[table]), *_broken_rows(query, table, specs[table])]
            advance(table)
    return sorted(findings, key=lambda finding: TABLES.index(finding.table))


def _structure(dataset: Dataset, table: str, spec: CheckSpec) -> Finding:
    columns = {field.name: field.type for field in _schema(dataset, table)}
    wanted = {field.name: field.type for field in arrow_schema(table, dataset.manifest.attributes)}
    wrong = [f"{name} is absent" for name in wanted if name not in columns]
    wrong += [f"{name} belongs to no contract" for name in columns if name not in wanted]
    for name, type_ in wanted.items():
        if name in columns and not _same(columns[name], type_):
            wrong.append(f"{name} is {columns[name]} and not {type_}")
    return spec.finding(spec.level, not wrong, "; ".join(wrong) or counted(len(columns), "column"))


def _schema(dataset: Dataset, table: str) -> pa.Schema:
    path = dataset.path(table)
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"{path} is not a Parquet file: {reason(error)}.", hint=_HINT) from error


def _same(type_: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether two types are the same to a reader; strings may be large or coded."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_string(wanted):
        return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))
    return bool(type_ == wanted)


def _measured(query: Query, specs: Sequence[CheckSpec]) -> Iterator[Finding]:
    answers = cache(query)  # several checks may judge one answer
    for spec in specs:
        if isinstance(spec.metric, Measurement) and (verdict := spec.metric.judge(*answers(spec.metric.query))):
            level = verdict.level or spec.level
            yield spec.finding(level, verdict.passed, verdict.found, verdict.rows)


def _broken_rows(query: Query, table: str, specs: Sequence[CheckSpec]) -> Iterator[Finding]:
    metrics = [(spec, spec.metric) for spec in specs if isinstance(spec.metric, BrokenRows)]
    counts = ", ".join(f"count(*) FILTER ({metric.condition})" for _, metric in metrics)
    total, *broken = query(f"SELECT count(*), {counts} FROM {table}")  # noqa: S608 - one pass for all of them
    for (spec, metric), rows in zip(metrics, broken, strict=True):
        fails = rows > metric.tolerated * total if rows else metric.tolerated < 1
        found = breaking(rows, total) if rows else "as expected"
        shown = _examples(query, table, metric) if rows else ()
        yield spec.finding("error" if fails else "warning", rows == 0, found, rows, shown)


def _examples(query: Query, table: str, metric: BrokenRows) -> tuple[str, ...]:
    key = load_contract(table).key or "coalesce(lead_id, account_id)"
    broken = f"SELECT DISTINCT {key} AS id FROM {table} WHERE {metric.condition} ORDER BY 1 LIMIT {EXAMPLES}"  # noqa: S608
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
                    f"The tables in {dataset.directory} cannot be read: {reason(error)}.",
                    hint=_HINT,
                ) from error
            assert row is not None  # every query here aggregates
            return tuple(row)

        yield query
