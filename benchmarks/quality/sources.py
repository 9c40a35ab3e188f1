"""The data sets of the tasks, imported as the product does it, with the variants that only a benchmark wants."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Attribute, Dataset, DatasetManifest, SnapshotRule, write_manifest
from data_contracts.mapping.mapping import load_mapping
from pipelines.featurization.labelling import Labelled, label_snapshots, position
from pipelines.importing.importer import import_tables
from pipelines.tables.tables import Tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

DATA = Path(os.environ.get("WHYLEAD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
Variant = Callable[[DatasetManifest], DatasetManifest]


@dataclass(frozen=True)
class Prepared:
    """Labelled snapshots of a data set and what a feature view needs to know."""

    labelled: Labelled
    attributes: tuple[Attribute, ...]
    at_fixed_ages: bool

    @classmethod
    def of(cls, dataset: Dataset) -> "Prepared":
        """The snapshots of imported tables, labelled."""
        manifest = dataset.manifest
        with Tables(dataset) as tables:
            labelled = replace(label_snapshots(tables, FeaturesParams()), records=tables.records())
        return cls(labelled, manifest.attributes, manifest.snapshot.at == "created")

    @cached_property
    def position(self) -> NDArray[np.int64]:
        """The rank (n,) of each snapshot in time."""
        return position(self.labelled)


def prepare(mapping: str, variant: Variant, data: Path = DATA) -> Prepared:
    """The data set that a shipped mapping reads, its manifest changed by ``variant``.

    Raises FileError where the files are absent.
    """
    with TemporaryDirectory() as directory:
        tables = Path(directory) / "tables"
        manifest = import_tables(
            load_mapping(mapping), data / mapping, tables, Path(directory) / "rejected", resources=Resources.of()
        )
        write_manifest(variant(manifest), tables)
        return Prepared.of(Dataset(tables))


def as_shipped(manifest: DatasetManifest) -> DatasetManifest:
    """Nothing changed."""
    return manifest


def all_columns(manifest: DatasetManifest) -> DatasetManifest:
    """Also what was written after the outcome, confirmed so that the leak guard lets it be."""
    known = tuple(each.model_copy(update={"known_at": "created", "confirmed": True}) for each in manifest.attributes)
    return manifest.model_copy(update={"attributes": known})


def at_preaccepted(manifest: DatasetManifest) -> DatasetManifest:
    """Scored when the application is first preaccepted."""
    rule = SnapshotRule(at="first_activity", types=("application_preaccepted",))
    return manifest.model_copy(update={"snapshot": rule})
