"""Rules of a mapping: how one cell of a table comes about, and which rows take part."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from data_contracts.dataset import AttributeKind, KnownAt
from data_contracts.frozen import Frozen
from data_contracts.spoken import Spoken

FamilyName = Literal[
    "demographic", "firmographic", "behavioural", "intent", "undesirable", "qualification", "time", "channel"
]
ROW = "$row"  # the number of the data row within its source, from 1
FILE = "$file"  # the name of the file that the row is in
BUILT_IN = (ROW, FILE)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _as_tuple(value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Part(Frozen):
    """Base of all parts of a mapping."""

    model_config = ConfigDict(populate_by_name=True)


class Rule(Part):
    """How one cell comes about: where the value is from, then what is done to it, in the order of the keys here.

    Exactly one of ``column``, ``columns`` (the first that is filled), ``template`` (``"{case}-{index}"``) and
    ``constant`` says where from. A plain text stands for ``column``.
    """

    column: str | None = None
    columns: Texts = ()
    template: str | None = None
    constant: str | None = None
    optional: bool = False  # a column that the file lacks is missing, no error
    missing: Texts = ()  # codes that mean missing, beyond the source's
    split: str | None = None  # one cell holds several values, separated by this text
    part: Literal["first", "last"] = "first"
    lower: bool = False
    values: dict[str, str | None] | None = None
    other: Literal["keep", "missing", "reject"] = "keep"  # what `values` does not name
    default: str | None = None  # where the value is missing
    present: bool = False  # true or false: is there a value?
    hash: bool = False  # keep a digest instead of the value
    format: Texts = ()  # of a time; empty: ISO 8601
    timezone: str = "UTC"  # of times that do not say theirs
    decimal: str = "."
    thousands: str = ""
    scale: float = 1.0  # multiplies a number

    @model_validator(mode="before")
    @classmethod
    def plain_text_is_a_column(cls, value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
        """``lead_id: Id`` is short for ``lead_id: {column: Id}``."""
        return {"column": value} if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def timezone_exists(cls, value: str) -> str:
        """A name of the IANA database."""
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not a time zone (write one such as Europe/Madrid)") from error
        return value

    @field_validator("format")
    @classmethod
    def format_can_be_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """``iso``, ``excel``, ``unix``, ``unix_ms`` or strptime directives."""
        for each in value:
            if each not in ("iso", "excel", "unix", "unix_ms") and "%" not in each:
                raise ValueError(f"{each!r} is not a date format (write iso, excel, unix, unix_ms or such as %d/%m/%Y)")
        return value

    @model_validator(mode="after")
    def signs_of_numbers_differ(self) -> "Rule":
        """One sign cannot be both; a digit or a minus is neither."""
        for sign in (self.decimal, self.thousands):
            if len(sign) > 1 or sign in tuple("0123456789+-"):
                raise ValueError(f"{sign!r} is not a sign within numbers (write one such as '.', ',' or ' ')")
        if not self.decimal or self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.thousands!r}: write both, such as decimal: ','")
        return self

    @property
    def sources_named(self) -> tuple[str, ...]:
        """The columns that the rule reads, built-in ones included."""
        named = (self.column,) if self.column is not None else ()
        placeholders = tuple(PLACEHOLDER.findall(self.template)) if self.template else ()
        return (*named, *self.columns, *placeholders)

    @property
    def ways(self) -> int:
        """How many of the four ways to get a value are given (one is right)."""
        return sum((self.column is not None, bool(self.columns), self.template is not None, self.constant is not None))


class AttributeRule(Rule):
    """A column of the company's own. Without a source it is read from the column of its own name."""

    type: AttributeKind | Literal["auto"] = "auto"
    known_at: KnownAt = "unknown"
    label: Spoken | None = None  # a text for all languages, or one for each
    speaks: bool | None = None  # whether it may be a reason; None: unless it is a score that the CRM gave
    confirmed: bool = False
    family: FamilyName | None = None


class Condition(Part):
    """A row takes part where the column's value passes every test given."""

    column: str
    is_: Texts | None = Field(None, alias="is")
    is_not: Texts | None = None
    present: bool | None = None
    matches: str | None = None
    optional: bool = False  # a column that the file lacks is missing in every row, no error

    @field_validator("matches")
    @classmethod
    def pattern_compiles(cls, value: str | None) -> str | None:
        """A regular expression."""
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"{value!r} is not a regular expression ({error})") from error
        return value

    @model_validator(mode="after")
    def something_is_tested(self) -> "Condition":
        """A condition without a test would let every row through."""
        if self.is_ is None and self.is_not is None and self.present is None and self.matches is None:
            raise ValueError("a condition needs is, is_not, present or matches")
        return self


class OtherColumns(Part):
    """Every column that no other rule of the block uses becomes an attribute; its type is read off the values."""

    known_at: KnownAt = "unknown"
    except_: Texts = Field((), alias="except")
    missing: Texts = ()


class Personal(Part):
    """Columns that hold personal data: read for flags and kinds, never stored, masked wherever a row is shown."""

    name: Texts = ()
    email: Texts = ()
    phone: Texts = ()
    social: Texts = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.name, *self.email, *self.phone, *self.social)
