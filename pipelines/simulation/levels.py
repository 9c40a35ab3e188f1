"""Levels: the values of a categorical attribute, how common each is, and what it adds to the log-odds of winning."""

from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeVar

import numpy as np
import yaml

from pipelines.simulation.arrays import Floats, Integers

MISSING = -1
COMPANY: dict[str, Any] = yaml.safe_load((resources.files("pipelines.simulation") / "company.yaml").read_text("utf-8"))
Values = TypeVar("Values", Integers, Floats)


@dataclass(frozen=True)
class Levels:
    """A categorical attribute; values are int64 codes into ``names``, -1 is missing.

    ``effects`` has one entry more than ``names``: the last is the effect of a missing value, so that indexing with the
    codes finds it.
    """

    names: tuple[str, ...]
    shares: Floats
    effects: Floats
    missing_share: float

    def draw(self, rng: np.random.Generator, size: int) -> Integers:
        """Codes without missing values, (size,)."""
        return pick(rng, self.shares, size)

    def draw_known(self, rng: np.random.Generator, size: int) -> Integers:
        """Codes as far as the company knows them: some are missing, (size,)."""
        return forget(rng, self.draw(rng, size), self.missing_share)

    def effect(self, codes: Integers) -> Floats:
        """Log-odds that each value adds, (n,)."""
        return np.asarray(self.effects[codes], dtype=np.float64)

    def code(self, name: str) -> int:
        """The code of a name."""
        return self.names.index(name)


def levels(attribute: str) -> Levels:
    """The levels of an attribute in company.yaml; a missing value has the mean effect unless the file says otherwise.

    >>> levels("competing_product").names
    ('false', 'true')
    """
    entry = COMPANY["levels"][attribute]
    shares, effects = map(np.array, zip(*entry["values"].values(), strict=True))
    shares = shares / shares.sum()
    missing_effect = entry.get("missing_effect", float(shares @ effects))
    return Levels(tuple(entry["values"]), shares, np.append(effects, missing_effect), entry.get("missing", 0.0))


def pick(rng: np.random.Generator, shares: Floats, size: int) -> Integers:
    """Draw codes by their shares, (size,); the shares are (k,), or (size, k) where each draw has its own."""
    above = rng.random(size)[:, None] >= np.cumsum(shares, axis=-1)[..., :-1]
    return np.asarray(above.sum(axis=1), dtype=np.int64)


def forget(rng: np.random.Generator, values: Values, share: float) -> Values:
    """Codes or numbers of which a share is missing (-1 or NaN), whatever their value, (n,)."""
    missing = np.nan if values.dtype == np.float64 else MISSING
    return np.where(rng.random(values.size) < share, missing, values)
