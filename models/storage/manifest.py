"""The manifest of an artifact: sha256 of each file, versions, facts and metrics; written last, checked first."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from data_contracts.checksum import sha256
from data_contracts.errors import ArtifactError

FORMAT = 2
LENGTH_OF_VERSION = 12
MANIFEST = "manifest.json"
TRAIN_AGAIN = "Train again: run `whylead features` and `whylead train`."
AGAIN = "Fetch the artifact again, or run `whylead train`."
_NEEDED = ("components/margin.json", "calibrator.json", "features.json", "agreement.yaml", "reference.json", "card.md")


def write_manifest(directory: Path, fingerprint: str, facts: Mapping[str, Any], created_at: str) -> None:
    """Write the manifest of the files that lie in a directory, without metrics yet. ``facts`` are JSON values."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "created_at": created_at,
        "versions": {name: version(name) for name in ("whylead", "numpy", "numba", "lightgbm")},
        "fingerprint": fingerprint,
        "files": {path.relative_to(directory).as_posix(): sha256(path) for path in paths},
        "metrics": {},
        "facts": dict(facts),
    }
    write_json(directory / MANIFEST, manifest)


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest as JSON values.

    Raises ArtifactError where there is none, or it cannot be read.
    """
    path = directory / MANIFEST
    if not path.is_file():
        raise ArtifactError(
            f"{directory} holds no model artifact: {MANIFEST} is missing.",
            hint="Name the directory that `whylead train` wrote (workspace/model), or a model of the registry.",
        )
    try:
        manifest = read_json(path)
        written, _ = manifest["format"], manifest["files"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} cannot be read: {error!r}.", hint=AGAIN) from error
    if written == 1:
        raise ArtifactError(f"{directory} was made by an earlier version of the features.", hint=TRAIN_AGAIN)
    if written != FORMAT:
        raise ArtifactError(
            f"{path} has format {written!r}, this version of whylead reads format {FORMAT}.",
            hint="Use the version of whylead that wrote it, or run `whylead train` again.",
        )
    return dict(manifest)


def checked_files(directory: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """The sha256 of each file by its name.

    Raises ArtifactError, which names the first file that is missing or was changed.
    """
    files: dict[str, str] = manifest["files"]
    for name, expected in sorted(files.items()):
        path = directory / name
        if not path.is_file() or not path.resolve().is_relative_to(directory.resolve()):
            raise ArtifactError(f"{path} is missing, {MANIFEST} lists it.", hint=AGAIN)
        if sha256(path) != expected:
            raise ArtifactError(f"{path} was changed after training: its sha256 differs from {MANIFEST}.", hint=AGAIN)
    for name in _NEEDED:
        if name not in files:
            raise ArtifactError(f"{directory / MANIFEST} does not list {name}.", hint=AGAIN)
    return files


def checksum_of(files: Mapping[str, str]) -> str:
    """One sha256 over the files that make a score: all but the card, which tells the time of training."""
    lines = [f"{name} {digest}" for name, digest in sorted(files.items()) if name != "card.md"]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def short(checksum: str) -> str:
    """The name that a model of this checksum has wherever one is shown."""
    return checksum[:LENGTH_OF_VERSION]


def checksum_in(directory: Path) -> str:
    """The checksum of the model in a directory, as Artifact.checksum has it.

    Raises ArtifactError as read_manifest and checked_files do.
    """
    return checksum_of(checked_files(directory, read_manifest(directory)))


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Write JSON values, refusing NaN."""
    path.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """JSON values of a file."""
    return json.loads(path.read_text(encoding="utf-8"))
