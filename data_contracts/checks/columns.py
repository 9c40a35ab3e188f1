"""The checks that follow from a table's contract and its attributes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from data_contracts.checks.spec import ANY_SHARE, TOLERATED_SHARE, BrokenRows, CheckSpec, Expectation, quoted
from data_contracts.contract import KIND_OF, Column, Kind, load_contract
from data_contracts.dataset import DatasetManifest

STRUCTURE = "has the columns of its contract"
EARLIEST = "1990-01-01"  # dates before it are missing codes: 1900 in spreadsheets, 1970 in databases
# What pandas makes of each kind when it reads Parquet (Great Expectations' names of types), and the kind in words.
TYPES: dict[Kind, tuple[str, str]] = {
    "string": ("str", "text"),
    "number": ("float64", "numbers"),
    "integer": ("float64", "whole numbers"),
    "boolean": ("bool", "true or false"),
    "timestamp": ("Timestamp", "times"),
}


def column_checks(table: str, manifest: DatasetManifest) -> Iterator[CheckSpec]:
    """The columns, their types, then what the contract says of each one."""
    contract = load_contract(table)
    attributes = {each.name: KIND_OF[each.kind] for each in manifest.attributes if each.table == table}
    kinds = {column.name: column.kind for column in contract.columns} | attributes
    yield CheckSpec(
        table,
        STRUCTURE,
        "the columns and types of the contract and of the attributes in dataset.json",
        "Import again: these files were not written by this version.",
        expectation=Expectation("ExpectTableColumnsToMatchSet", {"column_set": list(kinds), "exact_match": True}),
    )
    for name, kind in kinds.items():
        yield _holds(table, name, kind)
    cutoff = manifest.data_cutoff or datetime.now(UTC)
    for column in contract.columns:
        yield from _of_contract(table, column)
        if column.reference is not None:
            yield _reference(table, column)
        if column.kind == "timestamp":
            yield from _of_time(table, column.name, cutoff)
        if column.kind in ("number", "integer"):
            yield from _of_number(table, column.name, whole=column.kind == "integer")
    for name, kind in attributes.items():
        if kind == "number":
            yield from _of_number(table, name, whole=False)


def one_of(values: Sequence[str]) -> str:
    """Values as a person lists them.

    >>> one_of(["won", "lost", "open"])
    'won, lost or open'
    """
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _holds(table: str, name: str, kind: Kind) -> CheckSpec:
    type_, words = TYPES[kind]
    advice = "Give the column this type in the mapping and import again."
    expectation = _of_column("ExpectColumnValuesToBeOfType", name, type_=type_)
    return CheckSpec(table, f"{name} holds {words}", words, advice, expectation=expectation)


def _of_contract(table: str, column: Column) -> Iterator[CheckSpec]:
    name = column.name
    if column.required:
        advice = f"Map a column without gaps to {name}."
        expectation = _of_column("ExpectColumnValuesToNotBeNull", name)
        yield CheckSpec(table, f"{name} is given", "a value in every row", advice, expectation=expectation)
    if column.unique:
        again = f"SELECT {quoted(name)} FROM {table} GROUP BY 1 HAVING count(*) > 1"  # noqa: S608 - names of the contract
        yield CheckSpec(
            table,
            f"{name} is unique",
            "each value once",
            "Remove the repeated rows from the export, or map another column to the key.",
            metric=BrokenRows(f"{quoted(name)} IN ({again})", tolerated=0),
            expectation=_of_column("ExpectColumnValuesToBeUnique", name),
        )
    if column.allowed:
        allowed, advice = one_of(column.allowed), f"Add the other values to the value map of {name}."
        expectation = _of_column("ExpectColumnValuesToBeInSet", name, value_set=list(column.allowed))
        yield CheckSpec(table, f"{name} is {allowed}", allowed, advice, expectation=expectation)
    if column.minimum is not None or column.maximum is not None:
        limits = {"min_value": column.minimum, "max_value": column.maximum}
        expectation = _of_column("ExpectColumnValuesToBeBetween", name, **limits)
        bounds, advice = _bounds(column), "Check the unit and the missing codes."
        # Such a value is odd but harms nothing.
        yield CheckSpec(table, f"{name} is {bounds}", bounds, advice, "warning", expectation=expectation)


def _of_column(expectation: str, column: str, **arguments: Any) -> Expectation:  # noqa: ANN401 - as they are declared
    return Expectation(expectation, {"column": column, **arguments})


def _bounds(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum:g}"
    if column.minimum is None:
        return f"at most {column.maximum:g}"
    return f"from {column.minimum:g} to {column.maximum:g}"


def _reference(table: str, column: Column) -> CheckSpec:
    assert column.reference is not None
    other = column.reference.table
    key = f'{other}."{column.reference.column}"'
    mine = f'{table}."{column.name}"'
    broken = f"{mine} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} WHERE {key} = {mine})"  # noqa: S608
    return CheckSpec(
        table,
        f"{column.name} exists in {other}",
        f"a row of {other} for each",
        f"Export {other} of the same period and check that both files write the key alike.",
        # A lead without its account still scores; rows of an unknown lead are lost.
        metric=BrokenRows(broken, TOLERATED_SHARE if other == "leads" else ANY_SHARE),
    )


def _of_time(table: str, name: str, cutoff: datetime) -> Iterator[CheckSpec]:
    metric = BrokenRows(f"{quoted(name)} < TIMESTAMPTZ '{EARLIEST} 00:00:00+00'")
    advice = "Declare the date that stands for a missing one as a missing code, or correct the date format."
    yield CheckSpec(table, f"{name} is not before 1990", "1990 or later", advice, metric=metric)
    moment = (cutoff.replace(tzinfo=UTC) if cutoff.tzinfo is None else cutoff.astimezone(UTC)).isoformat(sep=" ")
    # The close of an open deal is a plan, not an event.
    decided = " AND outcome <> 'open'" if name == "closed_at" else ""
    metric = BrokenRows(f"{quoted(name)} > TIMESTAMPTZ '{moment}'{decided}")
    expected = f"at most the data cutoff, {moment[:19]} UTC"
    advice = "Correct the date format (day and month swapped?) or the data cutoff in the mapping."
    yield CheckSpec(table, f"{name} is not in the future", expected, advice, metric=metric)


def _of_number(table: str, name: str, *, whole: bool) -> Iterator[CheckSpec]:
    metric = BrokenRows(f"isinf({quoted(name)})", tolerated=0)
    advice = "Declare what stands for infinity as a missing code in the mapping."
    yield CheckSpec(table, f"{name} is finite", "finite numbers", advice, metric=metric)
    if whole:
        metric = BrokenRows(f"isfinite({quoted(name)}) AND {quoted(name)} <> floor({quoted(name)})", ANY_SHARE)
        advice = "Check the unit of the column in the export."
        yield CheckSpec(table, f"{name} is whole", "whole numbers", advice, metric=metric)
