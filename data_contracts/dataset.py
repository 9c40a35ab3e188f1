"""A dataset: the canonical tables of one company as Parquet files in a directory, and what is known about them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data_contracts.errors import FileError
from data_contracts.frozen import Frozen
from data_contracts.languages import Language

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("leads", "accounts", "activities", "deals", "dispositions", "changes")
MANIFEST = "dataset.json"

AttributeKind = Literal["numeric", "categorical", "boolean"]
KnownAt = Literal["created", "changes", "after_outcome", "unknown"]


class Attribute(Frozen):
    """A column that the company's own export brings beyond the contract.

    ``known_at`` says from when its value may be used; ``confirmed`` is set by a person in the mapping to say that
    a column which looks like a leak is none. ``family`` overrides the feature family (default: demographic for leads,
    firmographic for accounts). ``labels`` are its names by language, ``label`` stands for the others; one that does
    not ``speak`` counts and is no reason. ``column`` is where the value is read, ``decimal`` and ``thousands`` the
    signs within its numbers, so that a later file is read alike.
    """

    table: Literal["leads", "accounts"]
    name: str
    kind: AttributeKind
    known_at: KnownAt = "unknown"
    label: str
    labels: dict[Language, str] = Field(default_factory=dict)
    speaks: bool = True
    confirmed: bool = False
    family: str | None = None
    column: str | None = None
    decimal: str = "."
    thousands: str = ""


class SnapshotRule(Frozen):
    """When a lead is scored for training: at ages after its creation, or at its first activity of a type."""

    at: Literal["created", "first_activity"] = "created"
    types: tuple[str, ...] = ()
    ages_days: tuple[float, ...] | None = None  # None: params.yaml decides


class SourceFile(Frozen):
    """One file of the export and how many of its rows were used."""

    file: str
    sha256: str
    rows: int


class DatasetManifest(BaseModel):
    """What an import leaves beside the tables (``dataset.json``).

    ``order`` says what orders the leads in time: ``time`` (leads.created_at), ``column`` (leads.order) or ``none``.
    ``horizon_days`` None means that params.yaml decides; ``until_closed`` means that only closed deals have a label.
    """

    model_config = ConfigDict(extra="forbid")

    mapping: str
    order: Literal["time", "column", "none"]
    snapshot: SnapshotRule = SnapshotRule()
    horizon_days: float | Literal["until_closed"] | None = None
    data_cutoff: datetime | None = None
    currency: str | None = None
    attributes: tuple[Attribute, ...] = ()
    files: tuple[SourceFile, ...] = ()
    rows: dict[str, int] = {}
    rejected: dict[str, int] = {}
    automated: dict[str, int] = {}  # activities that the evidence says a machine did, by rule
    values: dict[str, dict[str, str | None]] = {}  # by column: what the mapping makes of a text in the file
    where: dict[str, str] = {}  # the lines of the mapping that decide what leads are learned from, by key
    currencies: dict[str, tuple[str, ...]] = {}  # by table.column: those of its cells, where there are several
    notes: tuple[str, ...] = ()  # what a person should know: columns left out, cells blanked


class Dataset:
    """The six canonical tables below a directory; every table exists, those that the export lacks have no rows."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.manifest = read_manifest(directory)

    def path(self, table: str) -> Path:
        """The Parquet file of a table. Raises FileError where it is absent."""
        path = self.directory / f"{table}.parquet"
        if not path.exists():
            raise FileError(f"{path} does not exist.", hint="Run `whylead import` first.")
        return path

    def frame(self, table: str) -> "pd.DataFrame":
        """A table as a pandas frame, times as UTC timestamps.

        Raises FileError where the file is absent.
        """
        import pandas as pd  # the server knows what an attribute is, and has no use for frames

        return pd.read_parquet(self.path(table))


def read_manifest(directory: Path) -> DatasetManifest:
    """Read ``dataset.json`` of a directory of tables.

    Raises FileError where it is absent or not valid.
    """
    path = directory / MANIFEST
    if not path.exists():
        raise FileError(
            f"{path} does not exist: {directory} holds no imported tables.",
            hint="Run `whylead import` first.",
        )
    try:
        return DatasetManifest.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise FileError(
            f"{path} is not valid: {error.errors()[0]['msg']}.", hint="Run `whylead import` again."
        ) from error


def write_manifest(manifest: DatasetManifest, directory: Path) -> None:
    """Write ``dataset.json`` into a directory of tables."""
    (directory / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
