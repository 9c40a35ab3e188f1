"""The fingerprint of a feature view: what it computes, as definitions and as code."""

import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

# The modules that make numbers of records; a change in any of them asks for a new model.
COMPUTING_MODULES = (
    "attributes", "calendar", "feature", "grouping", "kernels", "live", "records", "request", "timeline", "view",
    "windows",
)  # fmt: skip


def fingerprint(definitions: dict[str, Any]) -> str:
    """sha256 over the definitions (JSON values) and the source of the computing modules, as hexadecimal digits."""
    text = json.dumps(definitions, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(f"{source_digest()}\n{text}".encode()).hexdigest()


@cache
def source_digest() -> str:
    """sha256 of the computing modules' source, line ends made equal."""
    digest = hashlib.sha256()
    for name in COMPUTING_MODULES:
        source = (resources.files("features") / f"{name}.py").read_bytes()
        digest.update(name.encode() + b"\0" + source.replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
