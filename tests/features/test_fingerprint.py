from pathlib import Path

import features
from features.fingerprint import COMPUTING_MODULES, fingerprint

# Modules of the package that say or choose something, but do not compute a number of the matrix.
OTHERS = {"__init__", "fingerprint", "ids", "labels", "leaks", "phrases", "recent", "selection", "snapshots", "splits"}


def test_every_module_either_computes_or_is_named_here() -> None:
    """A new module of features/ has to be put into one of the two."""
    assert features.__file__ is not None
    modules = {path.stem for path in Path(features.__file__).parent.glob("*.py")}
    assert modules == OTHERS | set(COMPUTING_MODULES)


def test_definitions_decide() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
