"""Levels: the values of a categorical attribute, how common each is, and what it adds to the log-odds of winning."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.simulation.arrays import Floats, Integers

MISSING = -1


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

    def effect(self, codes: Integers) -> Floats:
        """Log-odds that each value adds, (n,)."""
        return np.asarray(self.effects[codes], dtype=np.float64)

    def code(self, name: str) -> int:
        """The code of a name."""
        return self.names.index(name)


def levels(
    values: Mapping[str, tuple[float, float]], missing_share: float = 0.0, missing_effect: float | None = None
) -> Levels:
    """Levels from ``name: (share, effect)``; a missing value has the mean effect unless said otherwise."""
    shares = np.array([share for share, _ in values.values()])
    shares = shares / shares.sum()
    effects = np.array([effect for _, effect in values.values()])
    of_missing = float(shares @ effects) if missing_effect is None else missing_effect
    return Levels(tuple(values), shares, np.append(effects, of_missing), missing_share)


def pick(rng: np.random.Generator, shares: Floats, size: int) -> Integers:
    """Draw codes by their shares, (size,)."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(size), side="right").astype(np.int64)


def forget(rng: np.random.Generator, codes: Integers, share: float) -> Integers:
    """Codes of which a share is missing, whatever their value, (n,)."""
    return np.where(rng.random(codes.size) < share, MISSING, codes)


def forget_numbers(rng: np.random.Generator, values: Floats, share: float) -> Floats:
    """Numbers of which a share is missing (NaN), whatever their value, (n,)."""
    return np.where(rng.random(values.size) < share, np.nan, values)
