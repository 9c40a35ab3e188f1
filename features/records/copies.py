"""Copies: leads that hold the same values under other ids, too many of them for a coincidence.

Where a few columns have a few values each, honest leads are alike. Copies differ from them in that leads which agree in
all columns but one agree in that one as well, far more often than any two leads do; and that holds for every column.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.arrays import NO_TIME, Floats, Integers, Times
from features.records.records import Categorical, Column
from features.texts import normalised

MIN_COLUMNS = 3  # that tell leads apart; of fewer nobody can say
MIN_SHARE = 0.05  # of the leads that have a copy
TELLING = 0.5  # the share of pairs of leads that agree in a column, below which it tells leads apart
RARE = 0.002  # of the leads: values of so few are hardly shared by chance together with all others
DIGITS = 3  # of a number: leads that differ in later ones are nearly the same
_ODD = np.uint64(0x9E3779B97F4A7C15)


def copies(columns: Mapping[str, Column], created_at: Times, ignored: Collection[str] = ()) -> Integers | None:
    """The first lead (leads,) that each lead is a copy of, itself where it is none; None where there are no copies.

    A copy came when the other one did, ``created_at`` (leads,), as far as that is known.
    """
    leads = created_at.size
    codes = [_codes(column) for name, column in columns.items() if name not in ignored]
    if (created_at != NO_TIME).any():
        codes.append(np.unique(created_at, return_inverse=True)[1])
    telling = [each for each in codes if leads and _agreeing(each.astype(np.uint64), leads) < TELLING]
    if len(telling) < MIN_COLUMNS:
        return None
    mixed = [_mixed(each, place) for place, each in enumerate(codes)]
    whole: NDArray[np.uint64] = np.asarray(np.sum(mixed, axis=0, dtype=np.uint64), dtype=np.uint64)
    _, first, inverse, count = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    again = (count > 1) & (_rarest(codes)[first] <= max(RARE, 3 / first.size))
    if count[again].sum() < MIN_SHARE * leads:
        return None
    same = _agreeing(whole, leads)
    for each, own in zip(codes, mixed, strict=True):
        usual = _agreeing(each.astype(np.uint64), leads)
        if usual < TELLING and same / _agreeing(whole - own, leads) < min((1 + usual) / 2, 3 * usual):
            return None
    return np.where(again[inverse], first[inverse], np.arange(leads))


def _agreeing(values: NDArray[np.uint64], leads: int) -> float:
    """The share of pairs of leads with one value."""
    _, count = np.unique(values, return_counts=True)
    return float((count * (count - 1.0)).sum() / max(1, leads * (leads - 1.0)))


def _rarest(codes: Sequence[Integers]) -> Floats:
    """The share of leads that would have the two rarest values of each lead (leads,).

    Two, as if they were independent: of more, which depend on each other, the product says nothing.
    """
    leads = codes[0].size
    rarest, second = np.ones(leads), np.ones(leads)
    for each in codes:
        _, value, count = np.unique(each, return_inverse=True, return_counts=True)
        share = count[value] / leads
        rarest, second = np.minimum(rarest, share), np.minimum(second, np.maximum(rarest, share))
    return rarest * second


def _codes(column: Column) -> Integers:
    if isinstance(column, Categorical):
        _, merged = np.unique([*map(normalised, column.levels), ""], return_inverse=True)
        return np.asarray(merged[column.codes], dtype=np.int64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        size = np.floor(np.log10(np.abs(column))) - (DIGITS - 1)
        rounded = np.where(column == 0, 0.0, np.round(column / 10**size) * 10**size)
    _, codes = np.unique(np.where(np.isfinite(column), rounded, np.nan), return_inverse=True)
    return np.asarray(codes, dtype=np.int64)


def _mixed(codes: Integers, place: int) -> NDArray[np.uint64]:
    """Pseudo-random numbers (leads,), the same for the same code of a column; their sum is a hash of all columns."""
    with np.errstate(over="ignore"):
        x = codes.astype(np.uint64) + np.uint64(place + 1) * _ODD
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
        mixed: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return mixed
