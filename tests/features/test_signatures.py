import importlib
import pickle
import sys
from pathlib import Path

import numba
import pytest

KERNEL = """
from numba import types
from features.signatures import compiled

@compiled(types.int64(types.int64))
def double(x):
    return 2 * x
"""


def test_a_cache_that_names_classes_of_an_earlier_version_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moved_kernel.py").write_text(KERNEL)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("moved_kernel")
    (index,) = tmp_path.rglob("moved_kernel.double*.nbi")
    index.write_bytes(pickle.dumps(numba.__version__) + b"cno_such_module\nNoSuchClass\n.")
    module = importlib.reload(sys.modules["moved_kernel"])
    assert module.double(21) == 42
    assert not module.double.stats.cache_hits
    assert importlib.reload(module).double.stats.cache_hits
