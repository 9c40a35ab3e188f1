"""The compiled kernels of this machine: which there are, and whether they come from numba's cache or were compiled."""

import importlib
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from data_contracts.errors import FileError

# Every module with compiled functions, callees before their callers.
KERNELS = (
    "features.kernels", "features.ids", "features.grouping", "models.trees", "models.atoms", "models.tree_groups",
    "models.shapley", "models.shap_tables", "models.shap_kernels", "models.term_table", "models.point_kernels",
)  # fmt: skip


@dataclass(frozen=True)
class KernelModule:
    """The kernels of one module, after its import."""

    name: str
    kernels: int
    compiled: int  # in this process; the others came from the cache
    seconds: float  # from the start of the import to machine code
    cache: str  # the directory of the machine code


def load_kernels(*, anew: bool = False) -> list[KernelModule]:
    """Import every kernel: what the cache does not hold is compiled and kept there.

    numba sees that the module of a kernel changed, but not that of one which the kernel calls; with ``anew`` nothing
    that the cache holds is believed. Raises FileError if there is no directory to keep the machine code in.
    """
    modules = [_load(name) for name in KERNELS]
    if not anew or all(module.compiled == module.kernels for module in modules):
        return modules
    for module in modules:
        for kept in Path(module.cache).glob(f"{module.name.rpartition('.')[2]}.*.nb[ic]"):
            kept.unlink(missing_ok=True)
    return [_load(name, again=True) for name in KERNELS]


def _load(name: str, *, again: bool = False) -> KernelModule:
    """Import a module; its functions have their signatures beside them, so that the import compiles them."""
    started = time.perf_counter()
    module = _import(name)
    if again:
        module = importlib.reload(module)
    kernels = kernels_of(module)
    compiled = sum(bool(kernel.stats.cache_misses) for kernel in kernels)
    return KernelModule(name, len(kernels), compiled, time.perf_counter() - started, kernels[0].stats.cache_path)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except RuntimeError as error:
        raise FileError(
            f"There is nowhere to keep the compiled kernels of {name}: {error}.",
            hint="Set NUMBA_CACHE_DIR to a directory that this user may write to.",
        ) from error


def kernels_of(module: ModuleType) -> list[Any]:
    """The compiled functions that a module defines, in its order."""
    from numba.extending import is_jitted

    return [value for value in vars(module).values() if is_jitted(value) and value.__module__ == module.__name__]
