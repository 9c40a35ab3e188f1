"""The newest event of some types before a moment: what an agreement asks of a lead's timeline."""

from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray

from features.arrays import DAY, NO_TIME, Bytes, Codes, Times, integers
from features.records.machines import is_clear
from features.records.records import Events
from features.signatures import BYTES, CODES, INTEGERS, compiled

NONE = -1


def newest_of(
    events: Events,
    types: Sequence[str],
    owner: NDArray[np.int64],
    moment: Times,
    *,
    within_days: float | None = None,
    by_people: bool = False,
) -> Codes:
    """Index (n,) into ``types`` of each owner's newest such event strictly before the moment, NONE where there is none.

    ``within_days`` leaves out what is older; ``by_people`` leaves out what a bot or a security gateway did.
    """
    newest = np.full(owner.size, NONE, np.int32)
    index = {name: place for place, name in enumerate(types)}
    index_of = np.array([*(index.get(level, NONE) for level in events.type.levels), NONE], dtype=np.int32)
    dated = (moment != NO_TIME) & (within_days is not None)
    since = np.where(dated, moment - round((within_days or 0) * DAY), NO_TIME)
    _find_newest(
        events.starts, events.at, events.type.codes, events.automated, index_of, integers(owner), integers(moment),
        since, by_people, newest,
    )  # fmt: skip
    return newest


@compiled(numba.void(INTEGERS, INTEGERS, CODES, BYTES, CODES, INTEGERS, INTEGERS, INTEGERS, numba.boolean, CODES))
def _find_newest(
    starts: Times, at: Times, code: Codes, automated: Bytes, index_of: Codes,
    owner: Times, moment: Times, since: Times, by_people: bool, newest: Codes,
) -> None:  # fmt: skip
    """Fill ``newest`` (n,): looks back through each owner's events; an owner -1 has none."""
    for i in range(owner.size):
        if owner[i] < 0:
            continue
        for e in range(starts[owner[i] + 1] - 1, starts[owner[i]] - 1, -1):
            if at[e] < since[i]:
                break
            index = index_of[code[e]]  # the last one for no type, whose code is -1
            if at[e] < moment[i] and index != NONE and not (by_people and is_clear(automated[e], at[e], moment[i])):
                newest[i] = index
                break
