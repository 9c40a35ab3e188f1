"""The compiled steps from SHAP values to percentage points, sums by what a person sees, and the strongest of them.

Each row is computed alone and in the order of its columns: a lead gets the same bits alone and in a batch.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from features.arrays import Codes, Floats, Integers
from features.signatures import ANY_LAYOUT, CODES, FLOATS, INTEGERS, MATRIX, PLACES, compiled

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


class Strongest(NamedTuple):
    """The strongest sums of each row, at most k, the largest first.

    ``chosen`` is the number of the sum, -1 behind the last; ``points`` and ``log_odds`` its values; ``speaker`` the
    column with most log-odds of its direction.
    """

    chosen: Integers  # (n, k)
    speaker: Integers  # (n, k)
    points: Floats  # (n, k)
    log_odds: Floats  # (n, k)


@compiled(types.void(ANY_LAYOUT, INTEGERS, MATRIX))
def sum_columns(values: Floats, place: Integers, out: Floats) -> None:
    """Add column j of values (n, columns) to column ``place[j]`` of out (n, sums)."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            out[i, place[j]] += values[i, j]


@compiled(types.boolean(ANY_LAYOUT, FLOATS, types.float64, FLOATS))
def chords(log_odds: Floats, change: Floats, shortest: float, slope: Floats) -> bool:
    """Fill slope (n,): ``change`` over the sum of log_odds (n, columns); NaN where that is less than ``shortest``.

    Gives whether it is so anywhere.
    """
    any_short = False
    for i in range(log_odds.shape[0]):
        distance = 0.0
        for j in range(log_odds.shape[1]):
            distance += log_odds[i, j]
        slope[i] = change[i] / distance if abs(distance) >= shortest else np.nan
        any_short |= np.isnan(slope[i])
    return any_short


@compiled(types.void(ANY_LAYOUT, FLOATS, types.float64, FLOATS, MATRIX))
def share_points(log_odds: Floats, slope: Floats, steepest: float, change: Floats, points: Floats) -> None:
    """Fill points (n, columns): ``log_odds * slope``; what is left of ``change`` goes to those of its direction.

    No slope is less than 0 or more than ``steepest``. What is left is shared by size. Where none has its direction it
    goes to all, and where none has a size to none.
    """
    for i in range(log_odds.shape[0]):
        rest, steep = change[i], min(max(slope[i], 0.0), steepest)
        for j in range(log_odds.shape[1]):
            points[i, j] = log_odds[i, j] * steep
            rest -= points[i, j]
        along, size = 0.0, 0.0
        for j in range(log_odds.shape[1]):
            size += abs(log_odds[i, j])
            if log_odds[i, j] * rest > 0.0:
                along += abs(log_odds[i, j])
        for j in range(log_odds.shape[1]):
            if along > 0.0 and log_odds[i, j] * rest > 0.0:
                points[i, j] += abs(log_odds[i, j]) / along * rest
            elif along == 0.0 and size > 0.0:
                points[i, j] += abs(log_odds[i, j]) / size * rest


@compiled(types.int64(FLOATS, INTEGERS, types.int64, types.float64))
def _speaker(log_odds: Floats, place: Integers, chosen: int, direction: float) -> int:
    """The column of a sum that has most log-odds of a direction."""
    speaker, best = -1, 0.0
    for j in range(log_odds.size):
        if place[j] == chosen and (speaker < 0 or direction * log_odds[j] > best):
            speaker, best = j, direction * log_odds[j]
    return speaker


@compiled(
    types.void(
        MATRIX, MATRIX, INTEGERS, types.int64, types.float64, types.float64, PLACES, PLACES, MATRIX, MATRIX
    )
)  # fmt: skip
def find_strongest(
    log_odds: Floats, points: Floats, place: Integers, sums: int, smallest: float, share: float,
    chosen: Integers, speaker: Integers, best_points: Floats, best_log_odds: Floats,
) -> None:  # fmt: skip
    """Fill the arrays of Strongest for log-odds and points (n, columns), added up by ``place`` into so many sums.

    Left out are sums of less than ``smallest`` points, or less than ``share`` of all sums' sizes; never the largest one
    of a row, unless nothing moves it.
    """
    effect, moved = np.empty(sums), np.empty(sums)
    for i in range(points.shape[0]):
        effect[:], moved[:] = 0.0, 0.0
        for j in range(points.shape[1]):
            effect[place[j]] += points[i, j]
            moved[place[j]] += log_odds[i, j]
        least = max(smallest, share * np.abs(effect).sum())
        chosen[i, :] = -1
        for rank in range(min(chosen.shape[1], sums)):
            best = int(np.argmax(np.abs(effect)))
            if effect[best] == 0.0 or (rank > 0 and abs(effect[best]) < least):
                break
            chosen[i, rank], best_points[i, rank], best_log_odds[i, rank] = best, effect[best], moved[best]
            direction = 1.0 if moved[best] > 0 else -1.0
            speaker[i, rank] = _speaker(log_odds[i], place, best, direction)
            effect[best] = 0.0


def strongest(
    log_odds: Floats, points: Floats, place: Integers, sums: int, size: int, smallest: float, share: float
) -> Strongest:
    """The strongest sums of each row, see ``find_strongest``."""
    shape = (len(points), size)
    sums_of_rows = Strongest(np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape), np.empty(shape))
    find_strongest(
        np.ascontiguousarray(log_odds), np.ascontiguousarray(points), place, sums, smallest, share, *sums_of_rows
    )
    return sums_of_rows


@compiled(types.int64(INTEGERS, CODES, INTEGERS))
def code_distinct(keys: Integers, codes: Codes, first: Integers) -> int:
    """Fill codes (m,) with the number of each key among the distinct ones, in order of first appearance.

    ``first`` (m,) begins with where each distinct key appears first. Gives how many there are.
    """
    size = 16
    while size < 2 * keys.size:
        size *= 2
    slots = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    count = 0
    for i in range(keys.size):
        mixed = np.uint64(keys[i]) * _MIX
        slot = (mixed ^ (mixed >> _HALF)) & mask
        while slots[slot] >= 0 and keys[first[slots[slot]]] != keys[i]:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            slots[slot], first[count] = count, i
            count += 1
        codes[i] = slots[slot]
    return count


def distinct(keys: Integers) -> tuple[Codes, Integers]:
    """The code (m,) of each key, see ``code_distinct``, and where each distinct key appears first."""
    codes, first = np.empty(keys.size, np.int32), np.empty(keys.size, np.int64)
    return codes, first[: code_distinct(keys, codes, first)]
