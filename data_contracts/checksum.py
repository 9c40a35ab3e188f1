"""The checksum of a file."""

import hashlib
from pathlib import Path

from data_contracts.errors import FileError


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes as hexadecimal digits. Raises FileError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
