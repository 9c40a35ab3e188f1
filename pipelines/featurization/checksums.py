"""What the features were made from and what they are, as checksums (``checksums.json``): written last, read first."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from data_contracts.checksum import sha256
from data_contracts.errors import FileError

NAME = "checksums.json"
FILES = ("snapshots.parquet", "matrix.parquet", "view.json", "facts.json")
AGAIN = "Run `whylead features` again."


@dataclass(frozen=True)
class Checksums:
    """``tables`` is the checksum of the tables that the features were computed from, ``files`` those of each file."""

    tables: str
    files: dict[str, str]

    @property
    def checksum(self) -> str:
        """One sha256 of all files: two directories with the same one hold the same features."""
        lines = [f"{name} {digest}" for name, digest in sorted(self.files.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def write_checksums(directory: Path, tables: str) -> None:
    """Write the checksums of the files that lie in a directory of features, made from the tables of a checksum."""
    content = {"tables": tables, "files": {name: sha256(directory / name) for name in FILES}}
    (directory / NAME).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_checksums(directory: Path) -> Checksums:
    """What the features stage noted of its files, which are not looked at.

    Raises FileError where a file is missing, or nothing was noted that can be read.
    """
    for name in FILES:
        if not (directory / name).exists():
            raise FileError(f"{directory / name} does not exist.", hint="Run `whylead features` first.")
    path = directory / NAME
    if not path.exists():
        raise FileError(
            f"{path} does not exist: an earlier version of whylead made the features, and nothing says of which tables"
            " they are.",
            hint=AGAIN,
        )
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return Checksums(str(noted["tables"]), {name: str(noted["files"][name]) for name in FILES})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileError(f"{path} cannot be read: {error!r}.", hint=AGAIN) from error


def checked(directory: Path) -> Checksums:
    """The same, of files that are as the features stage left them.

    Raises FileError, which names the first file that is not.
    """
    noted = read_checksums(directory)
    for name, expected in noted.files.items():
        if sha256(directory / name) != expected:
            raise FileError(
                f"{directory / name} is not the file that the features stage wrote: its sha256 differs from {NAME}.",
                hint=AGAIN,
            )
    return noted
