"""The export that the import is timed on is one that HubSpot could write."""

from pathlib import Path

import pandas as pd

from benchmarks.importing import write_export
from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from pipelines.importing.importer import import_tables
from pipelines.workspace.resources import Resources

CONTACTS = 400


def test_the_export_is_imported_but_for_what_cannot_be_read(tmp_path: Path) -> None:
    source = write_export(CONTACTS, 3, tmp_path / "export")
    created = pd.read_csv(source / "hubspot-crm-exports-all-contacts.csv")["Create Date"]
    import_tables(load_mapping("hubspot"), source, tmp_path / "tables", tmp_path / "rejected", resources=Resources.of())
    rows = Dataset(tmp_path / "tables").manifest.rows
    assert rows["leads"] == CONTACTS - (created == "soon").sum()
    assert rows["accounts"] == CONTACTS // 4
    assert rows["activities"] > CONTACTS
    assert 0 < rows["deals"] < CONTACTS // 3


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    first, second = (write_export(50, 3, tmp_path / name) for name in "ab")
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
