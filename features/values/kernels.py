"""The compiled window aggregation: every declared window in one pass over an owner's events before the snapshot.

The same machine code runs for one lead and for a hundred million rows, so that their results are bit-identical; it lets
go of the interpreter's lock, and batches run it in threads over slices of the snapshots.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from features.arrays import Bytes, Codes, Floats, Times
from features.records.machines import is_clear
from features.signatures import BYTES, CODES, FLOATS, INTEGERS, MATRIX, compiled

# One signature each: arrays of another type or layout are refused instead of compiled for, so that there is one code.
_WINDOWS = numba.void(
    INTEGERS, INTEGERS, CODES, INTEGERS, FLOATS, BYTES, CODES, CODES, CODES, CODES,
    INTEGERS, INTEGERS, INTEGERS, CODES, CODES,
    INTEGERS, INTEGERS, INTEGERS, INTEGERS, INTEGERS, INTEGERS, INTEGERS, MATRIX,
)  # fmt: skip

(
    COUNT, DAYS, RECENCY, FIRST, DECAYED, TREND, SUM, LAST, TYPES, AUTOMATED, MEAN, MAX, RATE, RELATIVE_RECENCY,
) = range(14)  # fmt: skip
ANYTHING, SAME_KIND, SAME_OBJECT = 0, 1, 2  # what an event is about; an event may be about both
RELATIONS = 4
_DAY = 86_400_000_000
_NEVER = np.iinfo(np.int64).min


class EventColumns(NamedTuple):
    """m events grouped by owner and ordered by time, as the kernel reads them; see features.records.records.Events.

    ``kind_of`` (levels + 1,) maps a type's code to its kind, -1 for the last entry (no type).
    """

    starts: NDArray[np.int64]  # (owners + 1,)
    at: Times  # (m,)
    type: Codes  # (m,)
    kind_of: NDArray[np.int64]
    value: Floats  # (m,), NaN where there is none
    automated: Bytes  # (m,); see features.records.machines
    lead: Codes  # (m,); not read where no lead is skipped
    thing: Codes  # (m,) what it is about; not read where no aggregate asks
    object_of: Codes  # (things + 1,) the object of a thing, -1 for the last entry (nothing)
    object_kind_of: Codes  # (things + 1,) its kind


class Slots(NamedTuple):
    """f aggregates compiled for the kernel.

    The slots that an event of kind k (0 <= k < kinds) with a relation r goes into are ``members[bounds[c]:bounds[c +
    1]]``, where c is ``RELATIONS * k + r``; member f + s stands for what the rate in slot s is counted per.
    """

    bounds: NDArray[np.int64]  # (RELATIONS * kinds + 1,)
    members: NDArray[np.int64]
    aggregate: NDArray[np.int64]  # (f,) one of COUNT ...
    span: NDArray[np.int64]  # (f,) microseconds; the half-life for DECAYED
    column: NDArray[np.int64]  # (f,) of the matrix
    about: NDArray[np.int64]  # (f,) ANYTHING, SAME_KIND or SAME_OBJECT
    is_activity: NDArray[np.int64]  # (kinds,) 1 or 0


@compiled(numba.int64(INTEGERS, numba.int64, numba.int64, numba.int64))
def first_not_before(at: Times, begin: int, end: int, moment: int) -> int:
    """The first index in [begin, end) of the ascending ``at`` that is not before ``moment``, else ``end``."""
    while begin < end:
        middle = (begin + end) // 2
        if at[middle] < moment:
            begin = middle + 1
        else:
            end = middle
    return begin


@compiled(INTEGERS(INTEGERS, INTEGERS, INTEGERS, INTEGERS))
def last_before(starts: NDArray[np.int64], at: Times, owner: NDArray[np.int64], moment: Times) -> NDArray[np.int64]:
    """The index (n,) of each owner's last event strictly before the moment; -1 for none."""
    last = np.full(owner.size, -1, np.int64)
    for i in range(owner.size):
        if owner[i] < 0:
            continue
        begin = starts[owner[i]]
        stop = first_not_before(at, begin, starts[owner[i] + 1], moment[i])
        if stop > begin:
            last[i] = stop - 1
    return last


@compiled(_WINDOWS)
def aggregate_windows(  # noqa: C901 - one pass needs one loop; a branch per aggregate
    starts: NDArray[np.int64],
    at: Times,
    kind: Codes,
    kind_of: NDArray[np.int64],
    value: Floats,
    automated: Bytes,
    lead: Codes,
    thing: Codes,
    object_of: Codes,
    object_kind_of: Codes,
    owner: NDArray[np.int64],
    skipped: NDArray[np.int64],
    moment: Times,
    own_object: Codes,
    own_kind: Codes,
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    aggregate: NDArray[np.int64],
    span: NDArray[np.int64],
    column: NDArray[np.int64],
    about: NDArray[np.int64],
    is_activity: NDArray[np.int64],
    out: Floats,
) -> None:
    """Fill the f columns ``column`` of out (n, features).

    Row i aggregates the events of owner[i] strictly before moment[i], without those of lead skipped[i], where
    ``skipped`` is not empty. Automated events count for AUTOMATED alone. Times and ages are microseconds; recency and
    first come out in days. Events about the lead's own object and kind are those of own_object[i] and own_kind[i] (-1:
    it names none, and such aggregates are missing); both are empty where no aggregate asks.
    """
    f = aggregate.size
    kinds = is_activity.size
    memory = np.empty(f, np.int64)  # the last day seen (DAYS), or the number of events that a share or mean is of
    seen = np.empty((f, kinds), np.bool_)
    for i in range(owner.size):
        for s in range(f):
            code = aggregate[s]
            missing = code in (RECENCY, FIRST, LAST, AUTOMATED, MAX, RELATIVE_RECENCY)
            if about[s] != ANYTHING and (own_object[i] if about[s] == SAME_OBJECT else own_kind[i]) < 0:
                missing = True
            out[i, column[s]] = np.nan if missing else 0.0
            memory[s] = 0 if code in (AUTOMATED, MEAN, RATE) else _NEVER
            if code == TYPES:
                seen[s, :] = False
        activities, first, last = 0, moment[i], moment[i]
        begin = end = 0
        if owner[i] >= 0:
            begin = starts[owner[i]]
            end = first_not_before(at, begin, starts[owner[i] + 1], moment[i])
        for e in range(begin, end):
            if skipped.size > 0 and lead[e] == skipped[i]:
                continue
            k = kind_of[kind[e]]
            age = moment[i] - at[e]
            by_machine = is_clear(automated[e], at[e], moment[i])
            if is_activity[k] == 1 and not by_machine:
                if activities == 0:
                    first = at[e]
                activities, last = activities + 1, at[e]
            cell = RELATIONS * k
            if own_object.size > 0:
                if own_object[i] >= 0 and object_of[thing[e]] == own_object[i]:
                    cell += SAME_OBJECT
                if own_kind[i] >= 0 and object_kind_of[thing[e]] == own_kind[i]:
                    cell += SAME_KIND
            for j in range(bounds[cell], bounds[cell + 1]):
                s = members[j]
                if s >= f:
                    s -= f
                    if not by_machine and age <= span[s]:
                        memory[s] += 1
                    continue
                code, c = aggregate[s], column[s]
                if code == AUTOMATED:
                    before = 0.0 if memory[s] == 0 else out[i, c]
                    memory[s] += 1
                    out[i, c] = before + (1.0 if by_machine else 0.0)
                elif by_machine:
                    continue
                elif code == DECAYED:
                    out[i, c] += np.exp2(-age / span[s])
                elif age > span[s]:
                    continue
                elif code in (COUNT, RATE):
                    out[i, c] += 1.0
                elif code in (RECENCY, RELATIVE_RECENCY):
                    out[i, c] = age / _DAY
                elif code == FIRST:
                    if np.isnan(out[i, c]):
                        out[i, c] = age / _DAY
                elif code == DAYS:
                    day = at[e] // _DAY
                    if day != memory[s]:
                        memory[s] = day
                        out[i, c] += 1.0
                elif code == TREND:
                    out[i, c] += 1.0 if 2 * age <= span[s] else -1.0
                elif code == SUM:
                    if not np.isnan(value[e]):
                        out[i, c] += value[e]
                elif code == LAST:
                    if not np.isnan(value[e]):
                        out[i, c] = value[e]
                elif code == MEAN:
                    if not np.isnan(value[e]):
                        out[i, c] += value[e]
                        memory[s] += 1
                elif code == MAX:
                    if not np.isnan(value[e]) and not value[e] <= out[i, c]:
                        out[i, c] = value[e]
                elif not seen[s, k]:
                    seen[s, k] = True
                    out[i, c] += 1.0
        for s in range(f):
            code, c = aggregate[s], column[s]
            if code in (AUTOMATED, MEAN, RATE):
                out[i, c] = out[i, c] / memory[s] if memory[s] > 0 else np.nan
            elif code == RELATIVE_RECENCY:
                out[i, c] = out[i, c] * (activities - 1) * _DAY / (last - first) if last > first else np.nan
