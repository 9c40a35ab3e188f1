"""A contract: what the columns of a table are, read from its Open Data Contract Standard file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

import pyarrow as pa
from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from data_contracts.dataset import TABLES, Attribute, AttributeKind
from data_contracts.errors import TableError

Kind = Literal["string", "number", "integer", "boolean", "timestamp"]

# Integers are kept as float64 as well: a missing one is NaN from the table to the feature matrix.
ARROW: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "number": pa.float64(),
    "integer": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
KIND_OF: dict[AttributeKind, Kind] = {"numeric": "number", "categorical": "string", "boolean": "boolean"}


@dataclass(frozen=True)
class Reference:
    """The key that the values of a column must exist in."""

    table: str
    column: str


@dataclass(frozen=True)
class Column:
    """A column of a table. ``allowed`` is empty for an open vocabulary; ``minimum`` and ``maximum`` are inclusive."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    primary_key: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    reference: Reference | None = None


@dataclass(frozen=True)
class Contract:
    """A table: its purpose, its columns in order, and what to know when using it."""

    table: str
    purpose: str
    limitations: str
    version: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> str | None:
        """The primary key; None for `changes`."""
        return next((column.name for column in self.columns if column.primary_key), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """A column by name. Raises KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.table} has no column {name!r}; it has {', '.join(self.names)}.")


@cache
def load_contract(table: str) -> Contract:
    """The contract of one of the six tables.

    Raises TableError for any other name.
    """
    if table not in TABLES:
        raise TableError(f"There is no table {table!r}.", hint=f"The tables are {', '.join(TABLES)}.")
    document = read_document(table)
    if document.schema_ is None or document.description is None or document.version is None:
        raise TableError(f"The contract of {table} lacks its schema, description or version.")
    return Contract(
        table=table,
        purpose=document.description.purpose or "",
        limitations=document.description.limitations or "",
        version=document.version,
        columns=tuple(_column(table, each) for each in document.schema_[0].properties or ()),
    )


def read_document(table: str) -> OpenDataContractStandard:
    """The contract of a table as the standard's own model."""
    file = resources.files("data_contracts") / "contracts" / f"{table}.yaml"
    return OpenDataContractStandard.from_string(file.read_text(encoding="utf-8"))


def arrow_schema(table: str, attributes: Sequence[Attribute] = ()) -> pa.Schema:
    """The Parquet schema of a table: the contract's columns, then the table's attributes in the order given.

    Attributes of other tables are left out. Raises TableError where an attribute takes the name of a column.
    """
    fields = [pa.field(column.name, ARROW[column.kind]) for column in load_contract(table).columns]
    for attribute in attributes:
        if attribute.table != table:
            continue
        if attribute.name in {field.name for field in fields}:
            raise TableError(
                f"Attribute {attribute.name!r} of {table} has the name of another column.",
                hint="Give it another name in the mapping.",
            )
        fields.append(pa.field(attribute.name, ARROW[KIND_OF[attribute.kind]]))
    return pa.schema(fields)


def _column(table: str, source: SchemaProperty) -> Column:
    if source.name is None or source.logicalType not in get_args(Kind):
        raise TableError(f"The contract of {table}: column {source.name!r} has the type {source.logicalType!r}.")
    options = source.logicalTypeOptions or {}
    return Column(
        name=source.name,
        kind=source.logicalType,
        description=source.description or "",
        required=bool(source.required),
        primary_key=bool(source.primaryKey),
        unique=bool(source.unique),
        allowed=tuple(str(each.value) for each in source.enum or ()),
        examples=tuple(str(each) for each in source.examples or ()),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        reference=_reference(source),
    )


def _reference(source: SchemaProperty) -> Reference | None:
    keys = [relationship.to for relationship in source.relationships or () if isinstance(relationship.to, str)]
    return Reference(*keys[0].split(".")) if keys else None
