"""The compiled kernels of this machine: which there are, and whether they come from numba's cache or were compiled."""

import importlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from data_contracts.errors import FileError

PACKAGES = ("features", "models", "serving")
_ROOT = Path(__file__).parents[1]
MARK = b"\n@compiled("  # features/signatures.py
_HINT = "Set NUMBA_CACHE_DIR to a directory that this user may write to."
_PROGRAM = """
import json, sys
from dataclasses import asdict
from pipelines.kernels import load
print(json.dumps([asdict(load(name)) for name in sys.argv[1:]]))
"""


@dataclass(frozen=True)
class KernelModule:
    """The kernels of one module, after its import."""

    name: str
    kernels: int
    compiled: int  # in this process; the others came from the cache
    seconds: float  # from the start of the import to machine code
    cache: str  # the directory of the machine code


def kernel_modules() -> list[str]:
    """The names of all modules with compiled functions."""
    return [
        ".".join(path.relative_to(_ROOT).with_suffix("").parts)
        for package in PACKAGES
        for path in sorted((_ROOT / package).rglob("*.py"))
        if MARK in path.read_bytes()
    ]


def load_kernels(*, force: bool = False) -> list[KernelModule]:
    """Import every kernel: what the cache does not hold is compiled and kept there.

    numba sees that the module of a kernel changed, but not that of one which the kernel calls; with ``force`` nothing
    in the cache is trusted, and other processes compile. Raises FileError if there is no directory to keep the machine
    code in.
    """
    if not force:
        return [load(name) for name in kernel_modules()]
    modules = _load_apart()
    if all(module.compiled == module.kernels for module in modules):
        return modules
    for module in modules:
        for kept in Path(module.cache).glob(f"{module.name.rpartition('.')[2]}.*.nb[ic]"):
            kept.unlink(missing_ok=True)
    return _load_apart()


def _load_apart() -> list[KernelModule]:
    """Load every kernel in a process of its own: a reload in this one would double the classes that kernels share."""
    command = [sys.executable, "-c", _PROGRAM, *kernel_modules()]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    if ran.returncode:
        raise FileError(f"The kernels cannot be compiled: {ran.stderr.strip().rpartition(chr(10))[2]}", hint=_HINT)
    return [KernelModule(**module) for module in json.loads(ran.stdout)]


def load(name: str) -> KernelModule:
    """Import a module; its functions have their signatures beside them, so that the import compiles them."""
    started = time.perf_counter()
    try:
        module = importlib.import_module(name)
    except RuntimeError as error:
        raise FileError(
            f"There is nowhere to keep the compiled kernels of {name}: {error}.",
            hint=_HINT,
        ) from error
    kernels = kernels_of(module)
    compiled = sum(bool(kernel.stats.cache_misses) for kernel in kernels)
    return KernelModule(name, len(kernels), compiled, time.perf_counter() - started, kernels[0].stats.cache_path)


def kernels_of(module: ModuleType) -> list[Any]:
    """The compiled functions that a module defines, in its order."""
    from numba.extending import is_jitted

    return [value for value in vars(module).values() if is_jitted(value) and value.__module__ == module.__name__]
