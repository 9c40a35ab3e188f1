"""The data to learn from or to score: an export, as files or as DataFrames, turned into the canonical tables."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
from pydantic import ValidationError

from data_contracts.dataset import TABLES, Dataset
from data_contracts.errors import InputError, ParamsError
from data_contracts.hints import did_you_mean
from data_contracts.mapping.mapping import load_mapping
from data_contracts.validation_errors import complaint
from pipelines.workspace.bounds import Bounds
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from models.storage.artifact import Artifact

Export: TypeAlias = str | Path | Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Data:
    """The canonical tables of one company, imported into a workspace, and what may be used to work on them."""

    workspace: Workspace
    resources: Resources

    @property
    def dataset(self) -> Dataset:
        """The tables and what is known of them. Raises FileError where nothing was imported."""
        return Dataset(self.workspace.tables)

    def table(self, name: str) -> pd.DataFrame:
        """One of the six canonical tables (docs/contracts.md), times in UTC.

        Raises InputError for any other name.
        """
        if name not in TABLES:
            raise InputError(f"{name!r} is not a table.", hint=did_you_mean(name, TABLES))
        return self.dataset.frame(name)


def draft_mapping(export: Export, *, bounds: Mapping[str, int | str] | None = None) -> str:
    """A first draft of a mapping (YAML) for an unknown export; what it guessed is marked CHECK.

    ``export`` is a directory of CSV, Excel or Parquet files, or a DataFrame per file name; ``bounds`` say how much of a
    file is read (docs/settings.md), such as ``{"columns": 20_000}``. Raises FileError where there is nothing to read,
    and ParamsError for bounds that are none.
    """
    from pipelines.drafting.draft import draft_mapping as draft

    with _directory(export) as directory:
        return draft(directory, _bounds(bounds)).text


def import_export(
    mapping: str | Path,
    export: Export,
    workspace: str | Path = "workspace",
    *,
    memory: str | None = None,
    like: "Artifact | None" = None,
    bounds: Mapping[str, int | str] | None = None,
) -> Data:
    """Turn an export into the canonical tables of a workspace.

    ``mapping`` is the name of a shipped mapping or a YAML file; ``export`` a directory, or a DataFrame per file of
    the mapping, such as ``{"contacts.csv": frame}``. ``memory`` bounds what tables and events take, such as
    ``"2GB"``; ``like`` is the artifact of the model that is to score the data: types that the mapping leaves open are
    those of its training; ``bounds`` say how much of a file is read (docs/settings.md). Names, e-mail addresses and
    phone numbers become flags and are stored nowhere. Raises MappingError, InputError or FileError, which say where and
    what to do, and BusyError where another process writes into the workspace; rows that cannot be read are set aside in
    ``rejected/``.
    """
    from pipelines.importing.importer import import_tables

    data = open_data(workspace, memory=memory)
    with data.workspace.writing(), _directory(export) as directory:
        import_tables(
            load_mapping(str(mapping)),
            directory,
            data.workspace.tables,
            data.workspace.rejected,
            resources=data.resources,
            known=() if like is None else like.attributes,
            bounds=_bounds(bounds),
        )
    return data


def open_data(workspace: str | Path = "workspace", *, memory: str | None = None) -> Data:
    """What was imported into a workspace before, by this module or by ``whylead import``."""
    return Data(Workspace(Path(workspace)), Resources.of(memory))


def _bounds(given: Mapping[str, int | str] | None) -> Bounds:
    try:
        return Bounds.model_validate(given or {})
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        hint = did_you_mean(name, set(Bounds.model_fields) - {name}, otherwise="")
        raise ParamsError(f"bounds, {name!r}: {complaint(error)}.", hint=hint) from error


@contextmanager
def _directory(export: Export) -> Iterator[Path]:
    """The directory of an export; DataFrames are written for as long as it is read."""
    if isinstance(export, str | Path):
        yield Path(export)
        return
    with TemporaryDirectory(prefix="whylead-") as parent:
        directory = Path(parent) / "export"
        directory.mkdir()
        for name, frame in export.items():
            path = directory / name
            if path.suffix == ".csv":
                frame.to_csv(path, index=False)
            elif path.suffix == ".parquet":
                frame.to_parquet(path, index=False)
            else:
                raise InputError(
                    f"{name!r} is neither a .csv nor a .parquet file.", hint="Name it as the mapping does."
                )
        yield directory
