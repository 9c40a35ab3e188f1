"""The files of an artifact: each read once and whole, never more of it than it may hold."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from data_contracts.errors import ArtifactError
from models.margin.components import FOLDER
from models.storage.vocabulary import VOCABULARY

MANIFEST = "manifest.json"
AGAIN = "Fetch the artifact again, or run `whylead train`."
NEEDED = (f"{FOLDER}/margin.json", "calibrator.json", "features.json", "agreement.yaml", "reference.json", "card.md")

_KIB, _MIB = 2**10, 2**20
_BOUNDS: Mapping[str, int] = {
    MANIFEST: 2 * _MIB,
    f"{FOLDER}/margin.json": 64 * _KIB,
    "calibrator.json": 2 * _MIB,
    "features.json": 8 * _MIB,
    "agreement.yaml": 128 * _KIB,
    "reference.json": 1 * _MIB,
    VOCABULARY: 8 * _MIB,
    "card.md": 2 * _MIB,
}
_BOUND_OF_COMPONENT = 32 * _MIB
_COMPONENT = re.compile(rf"{FOLDER}/\d{{2}}_[a-z]{{1,20}}\.(txt|json)")


def is_name(name: str) -> bool:
    """Whether an artifact has a file of that name: no other is ever looked for.

    >>> is_name("components/00_lightgbm.txt"), is_name("../../etc/passwd")
    (True, False)
    """
    return name in _BOUNDS.keys() - {MANIFEST} or _COMPONENT.fullmatch(name) is not None


def read_file(directory: Path, name: str) -> bytes:
    """A file of an artifact.

    Raises ArtifactError where it is missing, no file or a link out of the directory, or larger than it may be.
    """
    path, bound = directory / name, bound_of(name)
    try:
        if not path.is_file() or not path.resolve().is_relative_to(directory.resolve()):
            raise ArtifactError(f"{path} is missing, {MANIFEST} lists it.", hint=AGAIN)
        with path.open("rb") as stream:
            content = stream.read(bound + 1)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror or error}.", hint=AGAIN) from error
    if len(content) > bound:
        raise ArtifactError(f"{path} is larger than {bound // _KIB:,} KiB, which no such file is.", hint=AGAIN)
    return content


def read_files(directory: Path, checksums: Mapping[str, str]) -> dict[str, str]:
    """The texts of the files by their names, each as its checksum says.

    Raises ArtifactError, which names the first file that is missing, was changed or is no text.
    """
    texts = {}
    for name, expected in sorted(checksums.items()):
        content = read_file(directory, name)
        if hashlib.sha256(content).hexdigest() != expected:
            raise ArtifactError(
                f"{directory / name} was changed after training: its sha256 differs from {MANIFEST}.", hint=AGAIN
            )
        try:
            texts[name] = content.decode()
        except UnicodeDecodeError as error:
            raise ArtifactError(f"{directory / name} is no text in UTF-8.", hint=AGAIN) from error
    return texts


def bound_of(name: str) -> int:
    """The bytes that a file of an artifact may have."""
    return _BOUNDS.get(name, _BOUND_OF_COMPONENT)
