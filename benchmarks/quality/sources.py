"""Where the leads of a task come from: exports and simulated companies, imported as the product does it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.dataset import Attribute, Dataset, DatasetManifest, SnapshotRule, write_manifest
from data_contracts.mapping.mapping import load_mapping
from features.arrays import Floats
from pipelines.evaluation.truth import read_truth, true_probability
from pipelines.importing.importer import import_tables
from pipelines.labelling.labelled import Labelled, label_snapshots, position
from pipelines.simulation.simulator import simulate
from pipelines.tables.tables import Tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

DATA = Path(os.environ.get("WHYLEAD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
MAPPINGS = Path(__file__).parent / "mappings"
Variant = Callable[[DatasetManifest], DatasetManifest]


@dataclass(frozen=True)
class Prepared:
    """Labelled snapshots of a data set and what a feature view needs to know.

    ``truth`` (n,) are the true probabilities of the snapshots where they are known, else None.
    """

    labelled: Labelled
    attributes: tuple[Attribute, ...]
    at_fixed_ages: bool
    truth: Floats | None = None

    @classmethod
    def of(cls, dataset: Dataset, truth: pd.DataFrame | None = None) -> "Prepared":
        """The snapshots of imported tables, labelled; ``truth`` as the simulator writes it."""
        manifest = dataset.manifest
        with Tables(dataset) as tables:
            labelled = replace(label_snapshots(tables, FeaturesParams()), records=tables.records())
        known = None if truth is None else _truth(labelled, truth)
        return cls(labelled, manifest.attributes, manifest.snapshot.at == "created", known)

    @cached_property
    def position(self) -> NDArray[np.int64]:
        """The rank (n,) of each snapshot in time."""
        return position(self.labelled)


def as_shipped(manifest: DatasetManifest) -> DatasetManifest:
    """Nothing changed."""
    return manifest


def all_columns(manifest: DatasetManifest) -> DatasetManifest:
    """Also what was written after the outcome, confirmed so that the leak guard lets it be."""
    known = tuple(each.model_copy(update={"known_at": "created", "confirmed": True}) for each in manifest.attributes)
    return manifest.model_copy(update={"attributes": known})


def without_created_date(manifest: DatasetManifest) -> DatasetManifest:
    """The date orders the leads and is not told."""
    kept = tuple(each for each in manifest.attributes if each.name != "created_date")
    return manifest.model_copy(update={"attributes": kept})


def at_preaccepted(manifest: DatasetManifest) -> DatasetManifest:
    """Scored when the application is first preaccepted."""
    rule = SnapshotRule(at="first_activity", types=("application_preaccepted",))
    return manifest.model_copy(update={"snapshot": rule})


@dataclass(frozen=True)
class Export:
    """A data set in the folder of the mapping's name; its manifest is changed by ``variant``.

    The mapping is in ``mappings`` beside this module, or a shipped one.
    """

    mapping: str
    variant: Variant = as_shipped

    def prepare(self, data: Path = DATA) -> Prepared:
        """Its labelled snapshots. Raises FileError where the files are absent."""
        own = MAPPINGS / f"{self.mapping}.yaml"
        return _prepared(str(own) if own.exists() else self.mapping, data / self.mapping, self.variant)


@dataclass(frozen=True)
class Company:
    """A simulated company with so many leads, whose true probabilities are known."""

    leads: int
    seed: int

    def prepare(self, data: Path = DATA) -> Prepared:  # noqa: ARG002 - it needs no data sets
        """Its labelled snapshots, the truth beside them."""
        with TemporaryDirectory() as directory:
            source = Path(directory) / "source"
            simulate(self.leads, self.seed, source)
            return _prepared("simulated", source, as_shipped, source / "truth" / "probabilities.parquet")


def _prepared(mapping: str, source: Path, variant: Variant, truth: Path | None = None) -> Prepared:
    with TemporaryDirectory() as directory:
        tables = Path(directory) / "tables"
        manifest = import_tables(
            load_mapping(mapping), source, tables, Path(directory) / "rejected", resources=Resources.of()
        )
        write_manifest(variant(manifest), tables)
        return Prepared.of(Dataset(tables), None if truth is None else read_truth(truth))


def _truth(labelled: Labelled, known: pd.DataFrame) -> Floats:
    """The true probability (n,) of each snapshot."""
    snapshots = labelled.snapshots
    at = pd.to_datetime(snapshots.at, unit="us", utc=True)
    return true_probability(
        known, pd.DataFrame({"lead_id": np.asarray(labelled.records.lead_ids)[snapshots.lead_index], "snapshot_at": at})
    )
