"""Events in any order, grouped by owner and put in order: compiled steps between a stream of rows and ``Events``.

Rows are routed to buckets of neighbouring owners first, so that each bucket is grouped inside the processor's cache and
may wait on disk until it is wanted. The order within an owner is that of features/records/live_lead.py.
"""

from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from features.arrays import Bytes, Codes, Floats, Times
from features.signatures import BYTES, CODES, FLOATS, INTEGERS, compiled

# ``related`` is 256 times the code of what the event is about (-1: nothing), plus ``Events.automated``.
ROW = np.dtype(
    [("at", "i8"), ("value", "f8"), ("owner", "i4"), ("lead", "i4"), ("kind", "i4"), ("related", "i4")], align=True
)
Rows: TypeAlias = NDArray[Any]

NOWHERE = -1
_MAX_INSERTED = 24  # events of an owner that are sorted by insertion

_ROWS = numba.from_dtype(ROW)[::1]
# What comes from Arrow cannot be written to; it need not be copied either.
_READ_TIMES, _READ_NUMBERS, _READ_CODES = (
    numba.types.Array(each.dtype, 1, "C", readonly=True) for each in (INTEGERS, FLOATS, CODES)
)
_BATCH = (_READ_CODES, _READ_TIMES, _READ_NUMBERS, _READ_CODES, _READ_CODES)


@compiled(INTEGERS(*_BATCH, CODES, numba.int64, _ROWS))
def route_to_leads(
    lead: Codes, at: Times, value: Floats, kind: Codes, related: Codes, bucket_of: Codes, buckets: int, out: Rows
) -> NDArray[np.int64]:
    """Put the rows (m,) into out (at least m,) by the bucket of their lead; NOWHERE and no lead leave a row out.

    Gives the bounds (buckets + 1,) of the buckets in ``out``.
    """
    bounds = np.zeros(buckets + 1, np.int64)
    bucket = np.empty(lead.size, np.int32)
    for i in range(lead.size):
        bucket[i] = bucket_of[lead[i]] if lead[i] >= 0 else NOWHERE
        bounds[bucket[i] + 1] += 1  # those left out are counted in front
    bounds[0] = 0
    for b in range(buckets):
        bounds[b + 1] += bounds[b]
    place = bounds[:-1].copy()
    for i in range(lead.size):
        b = bucket[i]
        if b != NOWHERE:
            row = out[place[b]]
            row["at"], row["value"], row["owner"], row["lead"] = at[i], value[i], lead[i], lead[i]
            row["kind"], row["related"] = kind[i], related[i]
            place[b] += 1
    return bounds


@compiled(numba.int64(_READ_CODES, CODES, INTEGERS))
def copies(lead: Codes, account_of: Codes, starts: NDArray[np.int64]) -> int:
    """How many rows ``route_to_accounts`` makes of these."""
    total = 0
    for i in range(lead.size):
        account = account_of[lead[i]] if lead[i] >= 0 else NOWHERE
        if account >= 0:
            total += starts[account + 1] - starts[account]
    return total


@compiled(INTEGERS(*_BATCH, CODES, INTEGERS, CODES, CODES, numba.int64, _ROWS))
def route_to_accounts(
    lead: Codes,
    at: Times,
    value: Floats,
    kind: Codes,
    related: Codes,
    account_of: Codes,
    starts: NDArray[np.int64],
    bucket: Codes,
    owner: Codes,
    buckets: int,
    out: Rows,
) -> NDArray[np.int64]:
    """Put a copy of each row (m,) into out for every bucket that wants its lead's account; bounds as for leads.

    Account a is wanted by ``bucket[starts[a]:starts[a + 1]]``, where it is called ``owner[starts[a]:starts[a + 1]]``.
    """
    bounds = np.zeros(buckets + 1, np.int64)
    for i in range(lead.size):
        account = account_of[lead[i]] if lead[i] >= 0 else NOWHERE
        if account >= 0:
            for j in range(starts[account], starts[account + 1]):
                bounds[bucket[j] + 1] += 1
    for b in range(buckets):
        bounds[b + 1] += bounds[b]
    place = bounds[:-1].copy()
    for i in range(lead.size):
        account = account_of[lead[i]] if lead[i] >= 0 else NOWHERE
        if account >= 0:
            for j in range(starts[account], starts[account + 1]):
                row = out[place[bucket[j]]]
                row["at"], row["value"], row["owner"], row["lead"] = at[i], value[i], owner[j], lead[i]
                row["kind"], row["related"] = kind[i], related[i]
                place[bucket[j]] += 1
    return bounds


@compiled(numba.boolean(_ROWS, numba.int64, _ROWS, numba.int64))
def _before(rows: Rows, i: int, others: Rows, j: int) -> bool:
    """Whether row i comes before row j of the others: time, kind, related, no value last, value, automated, lead."""
    a, b = rows[i], others[j]
    if a["at"] != b["at"]:
        return bool(a["at"] < b["at"])
    if a["kind"] != b["kind"]:
        return bool(a["kind"] < b["kind"])
    if a["related"] >> 8 != b["related"] >> 8:
        return bool(a["related"] < b["related"])
    missing, other = np.isnan(a["value"]), np.isnan(b["value"])
    if missing != other:
        return bool(other)
    if not missing and a["value"] != b["value"]:
        return bool(a["value"] < b["value"])
    if a["related"] != b["related"]:
        return bool(a["related"] < b["related"])
    return bool(a["lead"] < b["lead"])


@compiled(numba.void(_ROWS, _ROWS, numba.int64, numba.int64))
def _insert(rows: Rows, spare: Rows, begin: int, end: int) -> None:
    """Sort rows[begin:end] by insertion; most are in their place, as tables are mostly in order of time."""
    for i in range(begin + 1, end):
        if _before(rows, i, rows, i - 1):
            spare[0] = rows[i]
            j = i
            while j > begin and _before(spare, 0, rows, j - 1):
                rows[j] = rows[j - 1]
                j -= 1
            rows[j] = spare[0]


@compiled(numba.void(_ROWS, _ROWS, numba.int64, numba.int64))
def _merge(rows: Rows, spare: Rows, begin: int, end: int) -> None:
    """Sort rows[begin:end]: short pieces by insertion, merged from the bottom up."""
    for low in range(begin, end, _MAX_INSERTED):
        _insert(rows, spare, low, min(low + _MAX_INSERTED, end))
    width = _MAX_INSERTED
    while width < end - begin:
        for low in range(begin, end - width, 2 * width):
            middle, high = low + width, min(low + 2 * width, end)
            if not _before(rows, middle, rows, middle - 1):
                continue
            for k in range(width):
                spare[k] = rows[low + k]
            left, right, k = 0, middle, low
            while left < width:
                if right < high and _before(rows, right, spare, left):
                    rows[k] = rows[right]
                    right += 1
                else:
                    rows[k] = spare[left]
                    left += 1
                k += 1
        width *= 2


@compiled(
    numba.void(_ROWS, _ROWS, numba.int64, INTEGERS, INTEGERS, CODES, CODES, FLOATS, BYTES, CODES)
)  # fmt: skip
def group(
    rows: Rows,
    ordered: Rows,
    first: int,
    starts: NDArray[np.int64],
    at: Times,
    kind: Codes,
    related: Codes,
    value: Floats,
    automated: Bytes,
    lead: Codes,
) -> None:
    """Put the rows (m,) of one bucket, whose owners are ``first`` and the next, into columns (m,) owner by owner.

    ``starts`` (owners,) becomes where each owner's events begin; ``ordered`` (at least m,) is written over.
    """
    place = np.zeros(starts.size + 1, np.int64)
    for i in range(rows.size):
        place[rows[i]["owner"] - first + 1] += 1
    longest = 1
    for o in range(starts.size):
        longest = max(longest, place[o + 1])
        place[o + 1] += place[o]
        starts[o] = place[o]
    spare = np.empty(longest, rows.dtype)
    for i in range(rows.size):
        o = rows[i]["owner"] - first
        ordered[place[o]] = rows[i]
        place[o] += 1
    for o in range(starts.size):
        _merge(ordered, spare, starts[o], place[o])
    for k in range(rows.size):
        row = ordered[k]
        at[k], kind[k], value[k], lead[k] = row["at"], row["kind"], row["value"], row["lead"]
        related[k], automated[k] = row["related"] >> 8, row["related"] & 255
