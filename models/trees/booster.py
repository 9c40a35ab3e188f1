"""A LightGBM booster as a component of the margin, kept as LightGBM's own text.

The text is read by LightGBM's C library through ctypes: importing its Python package pulls in pandas and scikit-learn,
which a serving process has no use for. SHAP values come from tables of our own (models/trees/shap/explainer.py).
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar
from weakref import finalize

import numpy as np

from data_contracts.errors import ArtifactError
from data_contracts.threads import usable_threads
from features.arrays import Floats
from models.trees.lightgbm_text import END, ModelText
from models.trees.shap.explainer import TreeShap
from models.trees.shap.flat_trees import UnsupportedTreesError
from models.trees.text_checks import check_text

_FLOAT64, _ROW_MAJOR, _ALL_TREES = 1, 1, -1
_RAW, _CONTRIBUTIONS = 1, 3
_ONE_THREAD_ROWS = 2_000  # below this, starting threads costs more than they save


@dataclass(frozen=True)
class Booster:
    """Trees over a feature matrix; ``text`` is what ``lightgbm.Booster.model_to_string`` gives.

    Raises ArtifactError where the text is not a LightGBM model.
    """

    kind: ClassVar[str] = "lightgbm"

    text: str = field(repr=False)
    width: int = field(init=False)
    _handle: ctypes.c_void_p = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        handle = _load(self.text)
        object.__setattr__(self, "_handle", handle)
        finalize(self, _library().LGBM_BoosterFree, handle)
        width = ctypes.c_int()
        _checked(_library().LGBM_BoosterGetNumFeature(handle, ctypes.byref(width)))
        object.__setattr__(self, "width", width.value)

    def __reduce__(self) -> tuple[Callable[[str], "Booster"], tuple[str]]:
        return Booster, (self.text,)

    def margin(self, X: Floats) -> Floats:
        """Log-odds (n,) of X (n, width)."""
        return self._predict(X, _RAW, 1)[:, 0]

    def contributions(self, X: Floats) -> Floats:
        """Path-dependent SHAP values (n, width + 1), base last (Lundberg et al. 2020, algorithm 1)."""
        return self.explain(X)[1]

    def explain(self, X: Floats) -> tuple[Floats, Floats]:
        """Margin and contributions at once; the margin has the bits of ``margin``."""
        self._check_shape(X)
        if self._shap is None:
            return self.margin(X), self._predict(X, _CONTRIBUTIONS, self.width + 1)
        return self._shap.explain(X)

    @cached_property
    def _shap(self) -> TreeShap | None:
        """None where the trees are of a kind that only LightGBM itself can explain."""
        try:
            return TreeShap.of(self.text, self.width)
        except UnsupportedTreesError:
            return None

    def save(self, directory: Path, name: str) -> dict[str, Any]:
        """Write ``<name>.txt``."""
        path = directory / f"{name}.txt"
        path.write_text(self.text, encoding="utf-8")
        return {"kind": self.kind, "file": path.name}

    @classmethod
    def load(cls, text: str, width: int) -> "Booster":
        """Read what ``save`` wrote of trees over ``width`` features.

        Raises ValueError where it is anything else.
        """
        check_text(text, width)
        return cls(text)

    def _check_shape(self, X: Floats) -> None:
        if X.ndim != 2 or X.shape[1] != self.width:
            raise ValueError(f"X has shape {X.shape}, expected (n, {self.width})")

    def _predict(self, X: Floats, what: int, columns: int) -> Floats:
        self._check_shape(X)
        rows = np.ascontiguousarray(X, dtype=np.float64)
        result = np.empty((len(rows), columns))
        if not len(rows):
            return result
        threads = 1 if len(rows) < _ONE_THREAD_ROWS else usable_threads()
        written = ctypes.c_int64()
        _checked(
            _library().LGBM_BoosterPredictForMat(
                self._handle, rows.ctypes.data_as(ctypes.c_void_p), _FLOAT64, *rows.shape, _ROW_MAJOR, what,
                0, _ALL_TREES, f"num_threads={threads} verbosity=-1".encode(), ctypes.byref(written),
                result.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            )
        )  # fmt: skip
        return result


def _load(text: str) -> ctypes.c_void_p:
    try:
        model = ModelText.parse(text)  # LightGBM reads beyond a text that is cut off, which ends the process
    except ValueError as error:
        raise _refused(str(error)) from error
    trees_alone = str(ModelText(model.header, model.trees, END))  # what follows is of the training
    handle, trees = ctypes.c_void_p(), ctypes.c_int()
    _checked(
        _library().LGBM_BoosterLoadModelFromString(trees_alone.encode(), ctypes.byref(trees), ctypes.byref(handle))
    )
    return handle


def _checked(code: int) -> None:
    if code:
        raise _refused(_library().LGBM_GetLastError().decode(errors="replace"))


def _refused(reason: str) -> ArtifactError:
    return ArtifactError(f"LightGBM refuses the model: {reason}.", hint="Train again, or fetch the artifact again.")


@cache
def _library() -> ctypes.CDLL:
    spec = find_spec("lightgbm")
    folders = list(spec.submodule_search_locations or []) if spec else []
    paths = [path for folder in folders for path in sorted(Path(folder).rglob("*lib_lightgbm.*"))]
    if not paths:
        raise ArtifactError("LightGBM's library is not installed.", hint="Install lightgbm.")
    library = ctypes.CDLL(str(paths[0]))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library
