"""The fingerprint of a feature view: what it computes, as definitions and as code."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent

# What makes numbers of records: a change in any of it asks for a new model.
COMPUTING = (
    "records/*.py",
    "values/*.py",
    "arrays.py",
    "event_types.py",
    "feature.py",
    "live.py",
    "signatures.py",
    "texts.py",
    "view.py",
)


def fingerprint(definitions: dict[str, Any]) -> str:
    """sha256 over the definitions (JSON values) and the source of what computes, as hexadecimal digits."""
    text = json.dumps(definitions, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(f"{source_digest()}\n{text}".encode()).hexdigest()


@cache
def source_digest() -> str:
    """sha256 of the source of what computes, line ends made equal."""
    digest = hashlib.sha256()
    for path in computing_modules():
        name = path.relative_to(_ROOT).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def computing_modules() -> list[Path]:
    """The files of COMPUTING, in the order of their names."""
    return sorted(path for pattern in COMPUTING for path in _ROOT.glob(pattern))
