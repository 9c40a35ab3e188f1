"""Table checks: claims about a table as a whole, such as whether it holds enough outcomes to learn from."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from data_contracts.contract import load_contract
from data_contracts.dataset import Attribute, DatasetManifest
from data_contracts.finding import Finding, Level
from data_contracts.row_checks import quoted

MIN_DEALS = 40
RAREST_SHARE = 0.01  # of the rarer outcome
REJECTED_SHARE = 0.2
MANY_LEVELS = 1_000
TIME_ORDER = ("created_at", "order")  # which of them is needed depends on the data; a check of its own says so


Query: TypeAlias = Callable[[str], tuple[Any, ...]]  # SQL over the tables to the one row of its answer


def table_checks(query: Query, table: str, manifest: DatasetManifest) -> Iterator[Finding]:
    """The checks of a table as a whole."""
    (rows,) = query(f"SELECT count(*) FROM {table}")  # noqa: S608 - one of the six names
    yield from _rows(table, rows)
    yield from _rejected(table, rows, manifest)
    if table == "leads":
        yield _dated(manifest)
    if table == "deals":
        yield from _outcomes(query)
    if rows:
        yield _empty_columns(query, table)
        own = [attribute for attribute in manifest.attributes if attribute.table == table]
        yield from _attributes(query, table, own)


def _rows(table: str, rows: int) -> Iterator[Finding]:
    needed: dict[str, tuple[Level, str]] = {
        "leads": ("error", "Check which file the mapping reads leads from."),
        "deals": ("error", "Nothing can be learned without outcomes: export the deals too."),
        "activities": ("warning", "Without activities only who the leads are is learned, not what they do."),
    }
    if table in needed:
        level, advice = needed[table]
        yield Finding(
            name="has rows",
            table=table,
            level=level,
            passed=rows > 0,
            found=f"{rows:,} rows",
            expected="at least one row",
            advice=advice,
        )


def _rejected(table: str, rows: int, manifest: DatasetManifest) -> Iterator[Finding]:
    rejected = manifest.rejected.get(table, 0)
    share = rejected / max(rows + rejected, 1)
    if rejected:
        yield Finding(
            name="rows could be read",
            table=table,
            level="error" if share > REJECTED_SHARE else "warning",
            passed=False,
            found=f"{rejected:,} of {rows + rejected:,} rows rejected ({share:.1%})",
            expected="all rows",
            rows=rejected,
            advice=f"See rejected/{table}.parquet for the file, the row and the reason.",
        )


def _dated(manifest: DatasetManifest) -> Finding:
    found = {"time": "dated", "column": "undated: only an order is known", "none": "undated, in no order"}
    return Finding(
        name="leads are dated",
        table="leads",
        level="warning",
        passed=manifest.order == "time",
        found=found[manifest.order],
        expected="created_at known",
        advice="Without dates the test is not out of time and recency is not learned; map dates if there are any.",
    )


def _outcomes(query: Query) -> Iterator[Finding]:
    of_lead = "SELECT bool_or(outcome = 'won') AS won, bool_or(outcome = 'lost') AS lost FROM deals GROUP BY lead_id"
    won, lost = query(f"SELECT count(*) FILTER (won), count(*) FILTER (lost AND NOT won) FROM ({of_lead})")  # noqa: S608
    for what, count in (("won", won), ("lost", lost)):
        yield Finding(
            name=f"enough leads are {what}",
            table="deals",
            level="error",
            passed=count >= MIN_DEALS,
            found=f"{count:,} leads {what}",
            expected=f"at least {MIN_DEALS}",
            advice="Export a longer period, and check the value map of outcome.",
        )
    if won + lost == 0:
        return
    share = min(won, lost) / (won + lost)
    yield Finding(
        name="outcomes are balanced",
        table="deals",
        level="warning",
        passed=share >= RAREST_SHARE,
        found=f"{won:,} won, {lost:,} lost ({share:.1%} in the rarer outcome)",
        expected=f"at least {RAREST_SHARE:.0%} in the rarer outcome",
        advice="Check that lost deals (or won ones) are not left out of the export.",
    )


def _empty_columns(query: Query, table: str) -> Finding:
    optional = [column.name for column in load_contract(table).columns if not column.required]
    optional = [name for name in optional if name not in TIME_ORDER]
    counts = query(f"SELECT {', '.join(f'count({quoted(name)})' for name in optional)} FROM {table}")  # noqa: S608
    empty = [name for name, count in zip(optional, counts, strict=True) if count == 0]
    return Finding(
        name="columns have values",
        table=table,
        level="warning",
        passed=not empty,
        found=f"no value in {', '.join(empty)}" if empty else "every column has values",
        expected="a value in some row of each column",
        advice="Map these columns if the export knows them; the model does without them otherwise.",
    )


def _attributes(query: Query, table: str, attributes: list[Attribute]) -> Iterator[Finding]:
    if not attributes:
        return
    counted = ", ".join(f"count(DISTINCT {quoted(each.name)})" for each in attributes)
    levels = dict(zip(attributes, query(f"SELECT {counted} FROM {table}"), strict=True))  # noqa: S608
    constant = [each.name for each, count in levels.items() if count < 2]
    many = [each.name for each, count in levels.items() if each.kind == "categorical" and count > MANY_LEVELS]
    yield Finding(
        name="attributes vary",
        table=table,
        level="warning",
        passed=not constant,
        found=f"one value or none in {', '.join(constant)}" if constant else "every attribute varies",
        expected="two values or more",
        advice="Such a column says nothing: leave it out of the mapping.",
    )
    yield Finding(
        name="attributes repeat their values",
        table=table,
        level="warning",
        passed=not many,
        found=f"more than {MANY_LEVELS:,} different values in {', '.join(many)}" if many else "few different values",
        expected=f"at most {MANY_LEVELS:,} different values",
        advice="Looks like an identifier or free text: leave it out, or map its values to fewer.",
    )
