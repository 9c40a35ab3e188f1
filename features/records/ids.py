"""Ids to positions: a compiled hash index over the ids of a table, which looks up millions of them in a moment.

Ids are padded to words of eight bytes, so that hashing and comparing take a few steps each. Lookups go in small parts
and in passes over them: then the processor waits for many places of memory at once and not for one after the other.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from features.arrays import Codes
from features.signatures import CODES, compiled

UNKNOWN = -1
_PART = 1024
_FREE = -1
_END = np.uint64(1)  # follows the last byte of an id
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)

_OFFSETS = numba.types.Array(numba.int32, 1, "C", readonly=True)
_BYTES = numba.types.Array(numba.uint8, 1, "C", readonly=True)
_WORDS = numba.uint64[:, ::1]

Offsets = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Ids:
    """n unique ids as words (n, width), and the slots of a hash table of them."""

    words: Words
    slots: Codes

    @classmethod
    def of(cls, parts: list[tuple[Offsets, Bytes]]) -> "Ids":
        """An index over ids given in parts: id i of a part is ``data[offsets[i]:offsets[i + 1]]``."""
        longest = max((int(np.diff(offsets).max(initial=0)) for offsets, _ in parts), default=0)
        width = longest // 8 + 1
        words = [pad(offsets, data, width) for offsets, data in parts]
        together = np.concatenate([np.empty((0, width), np.uint64), *words])
        return cls(together, index(together))

    def find(self, offsets: Offsets, data: Bytes) -> Codes:
        """The position (m,) of each of m ids, UNKNOWN where there is no such id."""
        return find(self.words, self.slots, pad(offsets, data, self.words.shape[1]))


@compiled(_WORDS(_OFFSETS, _BYTES, numba.int64))
def pad(offsets: Offsets, data: Bytes, width: int) -> Words:
    """Ids as words (m, width): their bytes, an end mark and zeros; all zeros, which no id is, where one is longer."""
    words = np.zeros((offsets.size - 1, width), np.uint64)
    for i in range(offsets.size - 1):
        begin, length = offsets[i], offsets[i + 1] - offsets[i]
        if length < 8 * width:
            for j in range(length):
                words[i, j >> 3] |= np.uint64(data[begin + j]) << np.uint64(8 * (j & 7))
            words[i, length >> 3] |= _END << np.uint64(8 * (length & 7))
    return words


@compiled(numba.uint64(_WORDS, numba.int64))
def _hash(words: Words, i: int) -> np.uint64:
    code = np.uint64(0)
    for j in range(words.shape[1]):
        code = (code ^ words[i, j]) * _MIX
        code ^= code >> _HALF
    code *= _MIX
    return code ^ (code >> _HALF)


@compiled(numba.boolean(_WORDS, numba.int64, _WORDS, numba.int64))
def _same(words: Words, i: int, asked: Words, k: int) -> bool:
    same = True
    for j in range(words.shape[1]):
        same &= words[i, j] == asked[k, j]
    return same


@compiled(CODES(_WORDS))
def index(words: Words) -> Codes:
    """Slots of a hash table, at most a quarter of them taken: the position of an id in or soon after its slot."""
    size = 16
    while size < 4 * len(words):
        size *= 2
    slots = np.full(size, _FREE, np.int32)
    mask = np.uint64(size - 1)
    for i in range(len(words)):
        slot = _hash(words, i) & mask
        while slots[slot] != _FREE:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = i
    return slots


@compiled(CODES(_WORDS, CODES, _WORDS))
def find(words: Words, slots: Codes, asked: Words) -> Codes:
    """The position (m,) of each of the ids asked for (m, width), UNKNOWN where there is no such id."""
    position = np.full(len(asked), UNKNOWN, np.int32)
    if len(words) == 0:
        return position
    mask = np.uint64(slots.size - 1)
    first = np.empty(_PART, np.uint64)
    again = np.empty(_PART, np.int64)
    for begin in range(0, len(asked), _PART):
        size = min(_PART, len(asked) - begin)
        for k in range(size):
            first[k] = _hash(asked, begin + k) & mask
        for k in range(size):
            position[begin + k] = slots[first[k]]
        left = 0
        for k in range(size):
            again[left] = k
            left += 0 if _same(words, max(position[begin + k], 0), asked, begin + k) else 1
        for n in range(left):  # the few whose first slot holds another id, or none
            k = again[n]
            position[begin + k] = UNKNOWN
            slot = first[k]
            while slots[slot] != _FREE:
                if _same(words, slots[slot], asked, begin + k):
                    position[begin + k] = slots[slot]
                    break
                slot = (slot + np.uint64(1)) & mask
    return position
