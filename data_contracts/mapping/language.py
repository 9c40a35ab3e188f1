"""The language of mappings: sources, blocks that feed tables, what orders the leads (docs/mappings.md)."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, field_validator

from data_contracts.dataset import SnapshotRule
from data_contracts.located_yaml import Located
from data_contracts.mapping.rules import AttributeRule, Condition, OtherColumns, Part, Personal, Rule, Texts


def _as_list(value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
    return [value] if isinstance(value, dict) else value


class Join(Part):
    """Look columns up in another source by its key; ``on`` says which column here equals which there."""

    source: str
    on: dict[str, str] = Field(min_length=1)
    columns: dict[str, str] = Field(min_length=1)  # name here: name there
    duplicates: Literal["reject", "keep_first"] = "reject"  # keys that the other source has twice
    unmatched: Literal["missing", "reject"] = "missing"  # rows here whose key the other source lacks

    @field_validator("columns", mode="before")
    @classmethod
    def names_alone_keep_their_name(cls, value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
        """``columns: [series]`` is short for ``columns: {series: series}``."""
        return {str(each): each for each in value} if isinstance(value, list) else value


class Explode(Part):
    """A cell that lists several values makes one row of each."""

    column: str
    separator: str = Field(";", min_length=1)


class Source(Part):
    """Files of one shape, and what is done to their rows before any table reads them.

    In this order: missing codes, fixes, joins, explode, row filter.
    """

    file: Texts = Field(min_length=1)  # names or patterns below the source directory
    optional: bool = False  # no such file: a source without rows
    format: Literal["csv", "parquet", "excel"] | None = None  # None: by the file's ending
    delimiter: str = ","
    encoding: str | None = None  # None: UTF-8, or what the byte order mark says
    skip: int = Field(0, ge=0)  # lines above the header
    sheet: str | None = None  # None: the first
    missing: Texts = ("",)
    fix: dict[str, dict[str, str]] = Field({})  # column: {value in the file: value to read in its place}
    join: Annotated[tuple[Join, ...], BeforeValidator(_as_list)] = ()
    explode: Explode | None = None
    where: Annotated[tuple[Condition, ...], BeforeValidator(_as_list)] = ()
    personal: Texts = ()

    @field_validator("delimiter")
    @classmethod
    def delimiter_is_one_character(cls, value: str) -> str:
        """``tab`` and ``\\t`` are the tabulator."""
        value = "\t" if value in ("tab", "\\t") else value
        if len(value) != 1 or value in '"\r\n':
            raise ValueError(f"{value!r} is not one character (write tab for the tabulator)")
        return value

    @field_validator("encoding")
    @classmethod
    def encoding_exists(cls, value: str | None) -> str | None:
        """A codec of Python that decodes bytes to text."""
        try:
            b"x".decode(value or "utf-8", errors="ignore")
        except LookupError as error:
            raise ValueError(f"{value!r} is not an encoding (write utf-8, cp1252, latin-1, utf-16 ...)") from error
        return value


class Block(Part):
    """Rows of one source that become rows of one table."""

    source: str = Field(alias="from")
    where: Annotated[tuple[Condition, ...], BeforeValidator(_as_list)] = ()
    columns: dict[str, Rule]
    attributes: dict[str, AttributeRule] = Field({})
    other_columns: OtherColumns | None = None
    personal: Personal = Personal()
    duplicates: Literal["reject", "keep_first"] = "reject"  # rows with a key that stood before
    orphans: Literal["reject", "ignore"] = "reject"  # rows of a lead or account that is not there

    @field_validator("attributes", mode="before")
    @classmethod
    def attribute_without_details(cls, value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
        """``city:`` alone is the column ``city``, type read off the values."""
        return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("attributes")
    @classmethod
    def attributes_read_their_own_column(cls, value: dict[str, AttributeRule]) -> dict[str, AttributeRule]:
        """An attribute that says no source is read from the column of its name."""
        return {k: rule if rule.ways else rule.model_copy(update={"column": k}) for k, rule in value.items()}


Blocks = Annotated[tuple[Block, ...], BeforeValidator(_as_list)]


class Tables(Part):
    """The canonical tables and the blocks that feed them."""

    accounts: Blocks = ()
    leads: Blocks = Field(min_length=1)
    activities: Blocks = ()
    deals: Blocks = ()
    dispositions: Blocks = ()
    changes: Blocks = ()

    def blocks(self, table: str) -> tuple[Block, ...]:
        """The blocks of a table."""
        blocks: tuple[Block, ...] = getattr(self, table)
        return blocks


class Order(Part):
    """A column that orders the leads in time where they have no dates."""

    column: str
    ascending: bool = True  # larger is newer


class Mapping(Part):
    """How an export becomes tables."""

    name: str
    description: str = ""
    sources: dict[str, Source] = Field(min_length=1)
    tables: Tables
    order: Order | Literal["time", "none"] = "time"
    snapshot: SnapshotRule = SnapshotRule()
    horizon_days: Annotated[float, Field(gt=0)] | Literal["until_closed"] | None = None
    currency: str | None = None  # of all amounts, such as EUR
    data_cutoff: datetime | None = None
    _located: Located | None = PrivateAttr(None)

    def where(self, *path: str | int) -> str:
        """The file, line and key of a path in the mapping, for errors."""
        key = ".".join(str(step) for step in path)
        if self._located is None:
            return f"{self.name}: {key}"
        return f"{self._located.file}, line {self._located.line(path)}: {key}"

    def remember(self, located: Located) -> None:
        """Keep where the keys stand."""
        self._located = located

    @field_validator("currency")
    @classmethod
    def currency_is_a_code(cls, value: str | None) -> str | None:
        """Three capital letters."""
        if value is not None and not re.fullmatch("[A-Z]{3}", value):
            raise ValueError(f"{value!r} is not the code of a currency (write three letters such as EUR)")
        return value

    @field_validator("horizon_days", mode="before")
    @classmethod
    def horizon_is_a_number_or_a_word(cls, value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
        """Says both choices at once, where a union would complain twice."""
        if value is None or value == "until_closed":
            return value
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"expected a number of days or until_closed, found {value!r}") from error

    @field_validator("order", mode="before")
    @classmethod
    def order_is_a_word_or_a_column(cls, value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
        """Says all choices at once, where a union would complain of each."""
        if isinstance(value, dict):
            try:
                return Order.model_validate(value)
            except ValidationError as error:
                first = error.errors()[0]
                raise ValueError(
                    f"expected {{column: ..., ascending: ...}}, but {first['loc'][0]}: {first['msg']}"
                ) from None
        if value not in ("time", "none"):
            raise ValueError(f"expected time, none or {{column: ...}}, found {value!r}")
        return value
