"""The compiled steps from SHAP values to percentage points, sums by what a person sees, and the strongest of them.

Each row is computed alone and in the order of its columns: a lead gets the same bits alone and in a batch.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import types

from features.arrays import Codes, Floats, Integers
from features.signatures import ANY_LAYOUT, CODES, FLOATS, INTEGERS, MATRIX, PLACES, compiled

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
OF_COLUMNS = (*[INTEGERS] * 7, FLOATS)  # the types of Columns


SILENT, SPEAKING, WHERE_KNOWN = 0, 1, 2  # what a column may say of a lead


class Columns(NamedTuple):
    """What the columns of a matrix are to a person, as the kernel reads it.

    ``place`` (columns,) is each one's signal, ``kind`` (signals,) the kind of each signal; those of signal k are
    ``order[begin[k] : begin[k + 1]]``. ``voice`` is SILENT,
    SPEAKING or WHERE_KNOWN; ``present``, ``absent`` and ``few`` (columns,) are those of ``features.voice.Leaning``.
    """

    place: Integers
    kind: Integers
    order: Integers
    begin: Integers
    voice: Integers
    present: Integers
    absent: Integers
    few: Floats


class Strongest(NamedTuple):
    """What is said of each row, at most k things; ``chosen`` is -1 behind the last.

    A signal, by its number, or what is left of a kind of signals: the number of signals plus that of the kind.
    ``speaker`` is the column whose sentence is said, ``points`` and ``log_odds`` the sums, ``others`` how many more
    signals they hold. ``rest`` and ``rest_signals`` are the points and the number of signals that are not said.
    """

    chosen: Integers  # (n, k)
    speaker: Integers  # (n, k)
    others: Integers  # (n, k)
    points: Floats  # (n, k)
    log_odds: Floats  # (n, k)
    rest: Floats  # (n,)
    rest_signals: Integers  # (n,)


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


@compiled(types.float64(types.float64, types.int64, types.int64, types.float64))
def _side(value: float, present: int, absent: int, few: float) -> float:
    """Which way the sentence of a value leans, as ``features.voice.Leaning`` says."""
    if value > few:
        return float(present)
    return 0.0 if value > 0.0 else float(absent)


@compiled(types.int64(FLOATS, FLOATS, types.int64, types.float64, *OF_COLUMNS[2:]))
def _speaker(
    value: Floats, points: Floats, chosen: int, direction: float,
    order: Integers, begin: Integers, voice: Integers, present: Integers, absent: Integers, few: Floats,
) -> int:  # fmt: skip
    """The column of a signal that speaks for it in a direction; -1 where none may.

    Best is one whose sentence does not lean the other way, then one that pushes in the direction itself, and of those
    the strongest.
    """
    speaker, best_rank, best = -1, -1, 0.0
    for j in order[begin[chosen] : begin[chosen + 1]]:
        if voice[j] == SILENT or (voice[j] == WHERE_KNOWN and np.isnan(value[j])):
            continue
        push = direction * points[j]
        rank = 1 if push > 0.0 else 0
        if direction * _side(value[j], present[j], absent[j], few[j]) >= 0.0:
            rank += 2
        if rank > best_rank or (rank == best_rank and push > best):
            speaker, best_rank, best = j, rank, push
    return speaker


@compiled(types.void(FLOATS, INTEGERS, FLOATS))
def _add_up(values: Floats, place: Integers, out: Floats) -> None:
    """Fill out (sums,) with the sums of values by place."""
    out[:] = 0.0
    for j in range(values.size):
        out[place[j]] += values[j]


@compiled(types.UniTuple(types.int64, 2)(FLOATS, FLOATS, FLOATS, types.int64, types.float64, *OF_COLUMNS[1:]))
def _leader(
    value: Floats, points: Floats, effect: Floats, of_kind: int, direction: float,
    kind: Integers, order: Integers, begin: Integers, voice: Integers, present: Integers, absent: Integers, few: Floats,
) -> tuple[int, int]:  # fmt: skip
    """The signal of a kind that moves most in a direction among those that can speak, and its speaker; -1 for none."""
    leader, speaker, best = -1, -1, -np.inf
    for k in range(effect.size):
        if kind[k] == of_kind and effect[k] != 0.0 and direction * effect[k] > best:
            found = _speaker(value, points, k, direction, order, begin, voice, present, absent, few)
            if found >= 0:
                leader, speaker, best = k, found, direction * effect[k]
    return leader, speaker


@compiled(
    types.void(
        MATRIX, MATRIX, MATRIX, INTEGERS, types.int64, types.float64, types.float64, *OF_COLUMNS,
        PLACES, PLACES, PLACES, MATRIX, MATRIX, FLOATS, INTEGERS,
    )
)  # fmt: skip
def find_strongest(
    value: Floats, log_odds: Floats, points: Floats, most: Integers, most_kinds: int, smallest: float, share: float,
    place: Integers, kind: Integers, order: Integers, begin: Integers, voice: Integers, present: Integers,
    absent: Integers, few: Floats,
    chosen: Integers, speaker: Integers, others: Integers, best_points: Floats, best_log_odds: Floats,
    rest: Floats, rest_signals: Integers,
) -> None:  # fmt: skip
    """Fill the arrays of Strongest for values, log-odds and points (n, columns), at most ``most`` (n,) of each row.

    First come signals, the strongest first: not those of less than ``smallest`` points, or of less than ``share`` of
    all sums' sizes, but always the strongest. While the rest is not smaller than the least of what is said, what is
    left of a kind of signals follows; ``most_kinds`` of the places, or half of them, are kept for kinds.
    """
    signals, kinds = kind.size, int(kind.max()) + 1 if kind.size else 0
    effect, moved, left = np.empty(signals), np.empty(signals), np.empty(signals)
    of_kind, moved_kind = np.empty(kinds), np.empty(kinds)
    for i in range(points.shape[0]):
        _add_up(points[i], place, effect)
        _add_up(log_odds[i], place, moved)
        least, said, weakest = max(smallest, share * np.abs(effect).sum()), 0, np.inf
        left[:], chosen[i, :], others[i, :] = effect, -1, 0
        singles = most[i] - min(most_kinds, most[i] // 2)
        while signals and said < singles:
            best = int(np.argmax(np.abs(left)))
            if left[best] == 0.0 or (said > 0 and abs(left[best]) < least):
                break
            left[best] = 0.0
            direction = 1.0 if effect[best] > 0.0 else -1.0
            voiced = _speaker(value[i], points[i], best, direction, order, begin, voice, present, absent, few)
            if voiced < 0:
                continue
            chosen[i, said], speaker[i, said] = best, voiced
            best_points[i, said], best_log_odds[i, said] = effect[best], moved[best]
            weakest = min(weakest, abs(effect[best]))
            effect[best], moved[best] = 0.0, 0.0
            said += 1
        _add_up(effect, kind, of_kind)
        _add_up(moved, kind, moved_kind)
        while kinds and 0 < said < most[i] and abs(effect.sum()) >= weakest:
            best = int(np.argmax(np.abs(of_kind)))
            change = of_kind[best]
            if abs(change) < smallest:
                break
            of_kind[best] = 0.0
            direction = 1.0 if change > 0.0 else -1.0
            leader, voiced = _leader(
                value[i], points[i], effect, best, direction, kind, order, begin, voice, present, absent, few
            )
            if voiced < 0:
                continue
            count = 0
            for k in range(signals):
                if kind[k] == best and effect[k] != 0.0:
                    count += 1
                    effect[k] = 0.0
            chosen[i, said], speaker[i, said] = leader if count == 1 else signals + best, voiced
            others[i, said], best_points[i, said], best_log_odds[i, said] = count - 1, change, moved_kind[best]
            weakest = min(weakest, abs(change))
            said += 1
        rest[i], rest_signals[i] = effect.sum(), (effect != 0.0).sum()


def strongest(
    value: Floats, log_odds: Floats, points: Floats, columns: Columns, most: Integers, most_kinds: int,
    smallest: float, share: float,
) -> Strongest:  # fmt: skip
    """What is said of each row (n,), at most ``most`` (n,) things, see ``find_strongest``."""
    n, width = len(points), int(most.max(initial=0))
    whole, real = ((n, width), np.int64), (n, width)
    found = Strongest(
        np.empty(*whole), np.empty(*whole), np.empty(*whole), np.empty(real), np.empty(real), np.empty(n),
        np.empty(n, np.int64),
    )  # fmt: skip
    value, log_odds, points = (np.ascontiguousarray(each) for each in (value, log_odds, points))
    arrays: tuple[Any, ...] = (*columns, *found)
    find_strongest(value, log_odds, points, most, most_kinds, smallest, share, *arrays)
    return found


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
