"""The manifest of an artifact: sha256 of each file and of itself, versions, facts, metrics; written last, read first.

Whatever is read of it is looked at before anybody uses it: its form, its bounds, and that it is as it was written.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from data_contracts.checksum import sha256
from data_contracts.dataset import Attribute
from data_contracts.errors import ArtifactError
from data_contracts.frozen import Frozen
from data_contracts.strict_json import first_error, parse_json
from models.storage.files import AGAIN, MANIFEST, NEEDED, bound_of, is_name, read_file, read_files
from models.storage.signature import check_signature, sign

FORMAT = 3
LENGTH_OF_VERSION = 12
TRAIN_AGAIN = "Train again: run `whylead features` and `whylead train`."
_CARD = "card.md"


def _known(name: str) -> str:
    if not is_name(name):
        raise ValueError("an artifact has no file of this name")
    return name


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(max_length=64), AfterValidator(_known)]
Short = Annotated[str, Field(max_length=200)]
Count = Annotated[int, Field(ge=0)]


class _Told(BaseModel):
    """Facts that are read again; whatever else was noted is only shown."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Learned(_Told):
    """What is read of the metadata of the features."""

    mapping: Short = ""
    horizon_days: Annotated[float, Field(gt=0, le=1e6)] | Literal["until_closed"] | None = None
    won_leads: Count = 0
    lost_leads: Count = 0


class Proxy(Frozen):
    """A feature that is tied to time."""

    feature: Short
    auc: float
    unseen: float


class Learning(_Told):
    """What is read of the report of the training."""

    warnings: list[Annotated[str, Field(max_length=2000)]] = []
    clocks: list[Proxy] | None = None


class Facts(_Told):
    """How a model was learned, as far as it is read again."""

    mapping: Short = ""
    data: dict[str, Digest] = {}
    attributes: list[Attribute] = []
    features: Learned = Learned()
    made_from: dict[Short, Digest] = {}
    learning: Learning = Learning()


class Manifest(Frozen):
    """A manifest whose form is right. ``checksum`` is that of all the rest but the ``signature``, which is of it."""

    model_config = ConfigDict(strict=True)

    format: Literal[3]
    created_at: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)?$")]
    versions: Annotated[dict[Short, Short], Field(max_length=20)]
    fingerprint: Digest
    files: Annotated[dict[FileName, Digest], Field(max_length=64)]
    metrics: dict[str, Any]
    facts: Facts
    checksum: Digest
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")] | None = None


def write_manifest(directory: Path, fingerprint: str, facts: Mapping[str, Any], created_at: str) -> None:
    """Write the manifest of the files that lie in a directory, without metrics yet. ``facts`` are JSON values.

    Raises ArtifactError where a file is larger than who reads the artifact will allow.
    """
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
    write_sealed(directory / MANIFEST, manifest)
    for path in (*paths, directory / MANIFEST):
        bound = bound_of(path.relative_to(directory).as_posix())
        if path.stat().st_size > bound:
            raise ArtifactError(
                f"The model cannot be kept: {path.name} would have {path.stat().st_size:,} bytes, expected at most"
                f" {bound:,}.",
                hint="Leave out columns with very many different values in the mapping, and train again.",
            )


def write_sealed(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest with the checksum of what it says, and with a signature where a key is named."""
    content = _content(manifest)
    checksum = seal(content)
    signature = sign(checksum)
    write_json(path, content | {"checksum": checksum} | ({"signature": signature} if signature else {}))


def _content(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the checksum is of."""
    return {name: value for name, value in manifest.items() if name not in ("checksum", "signature")}


def seal(content: Mapping[str, Any]) -> str:
    """The checksum of what a manifest says, however it is written."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest as JSON values, of the form that Manifest has.

    Raises ArtifactError where there is none, it is not what was written, or not signed where that is asked for.
    """
    path = directory / MANIFEST
    if not _exists(path):
        raise ArtifactError(
            f"{directory} holds no model artifact: {MANIFEST} is missing.",
            hint="Name the directory that `whylead train` wrote (workspace/model), or a model of the registry.",
        )
    try:
        text = read_file(directory, MANIFEST)
        manifest = parse_json(text)
        if not isinstance(manifest, dict):
            raise ValueError("expected keys with values")
        _check_format(path, manifest.get("format"))
        Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ArtifactError(f"{path} cannot be read: {first_error(error)}.", hint=AGAIN) from error
    except ValueError as error:
        raise ArtifactError(f"{path} cannot be read: {error}.", hint=AGAIN) from error
    if seal(_content(manifest)) != manifest["checksum"]:
        raise ArtifactError(f"{path} was changed after training: it is not what its own checksum says.", hint=AGAIN)
    check_signature(directory, manifest["checksum"], manifest.get("signature"))
    return manifest


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _check_format(path: Path, written: object) -> None:
    if written in (1, 2):
        raise ArtifactError(f"{path.parent} was made by an earlier version of whylead.", hint=TRAIN_AGAIN)
    if written != FORMAT:
        raise ArtifactError(
            f"{path} has format {str(written)[:40]}, this version of whylead reads format {FORMAT}.",
            hint="Use the version of whylead that wrote it, or run `whylead train` again.",
        )


def checked_files(directory: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """The texts of the files by their names.

    Raises ArtifactError, which names the first file that is missing or was changed.
    """
    for name in NEEDED:
        if name not in manifest["files"]:
            raise ArtifactError(f"{directory / MANIFEST} does not list {name}.", hint=AGAIN)
    return read_files(directory, manifest["files"])


def checksum_of(files: Mapping[str, str]) -> str:
    """One sha256 over the files that make a score: all but the card, which tells the time of training."""
    lines = [f"{name} {digest}" for name, digest in sorted(files.items()) if name != _CARD]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def short(checksum: str) -> str:
    """The name that a model of this checksum has wherever one is shown."""
    return checksum[:LENGTH_OF_VERSION]


def checksum_in(directory: Path) -> str:
    """The checksum of the model in a directory, as Artifact.checksum has it.

    Raises ArtifactError as read_manifest and checked_files do.
    """
    manifest = read_manifest(directory)
    checked_files(directory, manifest)
    return checksum_of(manifest["files"])


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Write JSON values, refusing NaN."""
    path.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")
