"""What a contender is given: labelled rows to learn from, and rows to say the probability of, without their labels."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature

_ARRAYS = ("X_train", "y_train", "weight", "group", "position", "part", "X_test")


@dataclass(frozen=True)
class Problem:
    """n rows to learn from, oldest first, and m rows to predict; the same for every contender.

    X_train (n, features) and X_test (m, features) hold NaN for missing and codes for categories (``Feature``), y_train
    (n,) 0 and 1, ``group`` (n,) the lead, ``weight`` (n,) 1 per lead, ``position`` (n,) the rank in time, ``part`` (n,)
    ``train`` or ``calibrate`` as the product divides the rows. ``ordered`` says that the test rows are the later ones.
    """

    X_train: Floats
    y_train: Floats
    weight: Floats
    group: NDArray[np.int64]
    position: NDArray[np.int64]
    part: NDArray[np.str_]
    X_test: Floats
    features: tuple[Feature, ...]
    ordered: bool

    @cached_property
    def digest(self) -> str:
        """sha256 of everything that a model can learn from; what features are called for people is left out."""
        features = [(each.name, each.categories) for each in self.features]
        told = hashlib.sha256(json.dumps([features, self.ordered]).encode())
        for name in _ARRAYS:
            array = np.ascontiguousarray(getattr(self, name))
            told.update(f"{name} {array.dtype} {array.shape}".encode())
            told.update(array.tobytes())
        return told.hexdigest()

    def save(self, path: Path) -> None:
        """Write it as one file of arrays, no pickle."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez(path, allow_pickle=False, described=np.array(self._described()), **arrays)

    @classmethod
    def load(cls, path: Path) -> "Problem":
        """The problem that ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            described = json.loads(str(stored["described"]))
            features = tuple(_feature(entry) for entry in described["features"])
            return cls(**{name: stored[name] for name in _ARRAYS}, features=features, ordered=described["ordered"])

    def _described(self) -> str:
        return json.dumps({"features": [asdict(each) for each in self.features], "ordered": self.ordered})


def _feature(entry: dict[str, list[str] | None]) -> Feature:
    levels = entry["categories"]
    return Feature(**(entry | {"categories": None if levels is None else tuple(levels)}))  # type: ignore[arg-type]
