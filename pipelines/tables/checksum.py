"""The checksum of the tables: what tells one import from another."""

import hashlib

from data_contracts.checksum import sha256
from data_contracts.dataset import MANIFEST, TABLES, Dataset


def data_checksum(dataset: Dataset) -> str:
    """sha256 over the tables of a dataset and its manifest. Raises FileError where a table is absent."""
    digest = hashlib.sha256()
    for path in (dataset.directory / MANIFEST, *(dataset.path(table) for table in TABLES)):
        digest.update(bytes.fromhex(sha256(path)))
    return digest.hexdigest()
