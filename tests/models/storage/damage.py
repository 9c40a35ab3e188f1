"""Artifacts that were damaged: by bytes, in their structure, with files of another one; and what becomes of them."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import orjson

from data_contracts.errors import ArtifactError
from features.fingerprint import fingerprint
from models.storage.artifact import load_artifact
from models.storage.manifest import write_sealed
from serving.model.artifact_model import ArtifactModel
from tests.features.requests import moments_of
from tests.models.small_artifact import records, requests

Below: TypeAlias = Callable[[int], int]  # a number from 0 up to, and without, another
Files: TypeAlias = dict[str, bytes]
Outcome = Literal["refused", "the same", "another", "traceback"]
MANIFEST = "manifest.json"
ROWS = 5

VALUES: Sequence[Any] = (
    None, True, -1, 0, 3, 2**31, 2**53, -(2**63), 10**300, 0.5, -0.0, 1e-320, 1e308, "", "a", "a" * 5000,
    "../../etc/passwd", "/etc/passwd", "lead.source", "numeric", "ñ\u202e\x00", [], {}, [None], [[]], {"": {}},
    [0.1] * 300, list(range(2000)), {"kind": "sigmoid"},
)  # fmt: skip
# What no JSON library writes, put in place of a value.
TEXTS: Sequence[str] = (
    "NaN", "-Infinity", "1e999", "9" * 5000, "[" * 50_000 + "]" * 50_000, '{"a":' * 3000 + "1" + "}" * 3000,
    '"\\ud800"', "0x10", "",
    '{"a": 1, "a": 2}', "{}" * 2, "-", '"',
)  # fmt: skip
MARK = "\u2028mark\u2028"
TOKENS: Sequence[bytes] = (
    b"0", b"-1", b"1", b"7", b"999999999999", b"1e999", b"nan", b"inf", b"", b" ", b"\n\n", b"Tree=0\n", b"=",
    b"num_leaves=1000000\n", b"end of trees\n", b"\x00", b"\xff", b"[", b"{", b"*a", b"&a ",
    b"!!python/object:os.system ", b"- " * 2000, b"[" * 3000,
)  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """What became of an artifact, in how much time, and how it was refused."""

    outcome: Outcome
    seconds: float
    said: str = ""


def read(directory: Path) -> Files:
    """The files of an artifact."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def write(files: Mapping[str, bytes], directory: Path, before: Mapping[str, bytes] | None = None) -> None:
    """Put the files into a directory that holds those of ``before``."""
    for name in (before or {}).keys() - files.keys():
        (directory / name).unlink(missing_ok=True)
    for name, content in files.items():
        if before is None or before.get(name) != content:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_bytes(content)


def probabilities(directory: Path) -> list[float]:
    """Those of a few leads, after everything that a server does with a model: it warms up, and tells of itself."""
    model = ArtifactModel(load_artifact(directory))
    model.warm()
    orjson.dumps(model.describe(), default=str)
    chosen = requests()[:ROWS]
    scored = model.scorer.score(records(), _rows(), moments_of(chosen))
    scored.rows()
    return [float(each) for each in scored.probability]


def _rows() -> Any:
    return np.arange(ROWS)


def attempt(directory: Path, expected: Sequence[float]) -> Tried:
    """Load and use what lies in a directory, where ``expected`` are the whole artifact's probabilities."""
    started = time.process_time()
    outcome: Outcome
    try:
        found, said = probabilities(directory), ""
        outcome = "the same" if found == list(expected) else "another"
    except ArtifactError as error:
        outcome, said = "refused", str(error)
    except Exception as error:  # noqa: BLE001 - that there is none is what is tried
        outcome, said = "traceback", repr(error)[:300]
    return Tried(outcome, time.process_time() - started, said)


def by_bytes(files: Files, below: Below) -> Files:
    """One to three places of one file changed, cut out, doubled or filled with what may mean something."""
    name = _one_of(sorted(files), below)
    content = files[name]
    for _ in range(1 + below(3)):
        content = _other_bytes(content, below)
    return files | {name: content}


def _other_bytes(content: bytes, below: Below) -> bytes:
    at = below(len(content) + 1)
    end = min(len(content), at + below(_one_of((2, 16, 4096), below)))
    match below(6):
        case 0:
            return content[:at] + bytes([below(256)]) + content[at + 1 :]
        case 1:
            return content[:at] + content[end:]
        case 2:
            return content[:at] + content[at:end] + content[at:]
        case 3:
            return content[:at]
        case 4:
            return b"".join((content[:at], _one_of(TOKENS, below), content[at:]))
        case _:
            return b"".join((content[:at], _one_of(TOKENS, below), content[end:]))


def by_structure(files: Files, below: Below) -> Files:
    """One to three values of one JSON file replaced, left out or renamed, whatever they are."""
    name = _one_of([each for each in sorted(files) if each.endswith(".json")], below)
    tree = json.loads(files[name])
    texts: list[str] = []
    for _ in range(1 + below(3)):
        _change(tree, below, texts)
    text = json.dumps(tree, indent=1)
    for each in texts:
        text = text.replace(json.dumps(MARK), each, 1)
    return files | {name: text.encode()}


def _change(tree: Any, below: Below, texts: list[str]) -> None:
    parent = tree
    inner = _inner(parent)
    while inner and below(4):
        parent = parent[_one_of(inner, below)]
        inner = _inner(parent)
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    if not keys:
        return
    key = _one_of(keys, below)
    match below(6):
        case 0:
            del parent[key]
        case 1 if isinstance(parent, dict):
            parent[_one_of([str(each) for each in VALUES[-18:-8]] + keys, below)] = parent.pop(key)
        case 2:
            texts.append(_one_of(TEXTS, below))
            parent[key] = MARK
        case 3:
            parent[key] = parent[_one_of(keys, below)]
        case 4 if isinstance(parent[key], int | float):
            parent[key] = parent[key] * _one_of((-1, 2, 1e9, 1e-9, 1e300), below)
        case _:
            parent[key] = deepcopy(_one_of(VALUES, below))


def _inner(tree: Any) -> list[Any]:
    """The keys that lead to lists and mappings which hold something."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return [key for key, value in pairs if isinstance(value, dict | list) and value]


def swapped(files: Files, other: Files, below: Below) -> Files:
    """Some files of another artifact in the place of its own, but not all."""
    names = [name for name in sorted(files.keys() & other.keys()) if files[name] != other[name]]
    taken = {name for name in names if below(2)} or {_one_of(names, below)}
    if taken == set(names):
        taken.remove(_one_of(names, below))
    return files | {name: other[name] for name in taken}


def sealed(files: Files, before: Files, directory: Path) -> Files:
    """The files with all checksums made anew, as somebody would who knows how; as they are where that fails."""
    try:
        manifest = json.loads(files[MANIFEST])
        if files["features.json"] != before["features.json"]:
            files = files | _fingerprinted(files, manifest)
        manifest["files"] = {
            name: hashlib.sha256(files.get(name, b"")).hexdigest() if name in files else digest
            for name, digest in manifest["files"].items()
        }
        write_sealed(directory / "sealed", manifest)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return files
    return files | {MANIFEST: (directory / "sealed").read_bytes()}


def _fingerprinted(files: Files, manifest: dict[str, Any]) -> Files:
    try:
        view = json.loads(files["features.json"])
        definitions = {name: value for name, value in view.items() if name != "fingerprint"}
        manifest["fingerprint"] = view["fingerprint"] = fingerprint(definitions)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {"features.json": json.dumps(view, indent=1).encode()}


def _one_of(values: Sequence[Any], below: Below) -> Any:
    return values[below(len(values))]
