"""What events are about, as the kernel compares it with what the lead itself is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.arrays import Codes
from features.records.records import Categorical, Column
from features.records.related import NOTHING, Thing
from features.texts import normalised

UNNAMED = -1


class OwnThings(NamedTuple):
    """The objects (n,) that n leads name and their kinds (n,), UNNAMED where they name none."""

    object: Codes
    kind: Codes


NOT_COMPARED = OwnThings(np.empty(0, np.int32), np.empty(0, np.int32))


@dataclass(frozen=True)
class ThingIndex:
    """The objects that events are about, and the kinds of objects, by number."""

    objects: Mapping[str, int]
    kinds: Mapping[str, int]

    @classmethod
    def of(cls, things: Sequence[Thing]) -> "ThingIndex":
        """An index of things, whose texts are normalised."""
        return cls(_numbered(each for each, _ in things), _numbered(kind for _, kind in things))

    def codes(self, things: Sequence[Thing]) -> OwnThings:
        """The objects and kinds of n things; one that no event is about has a number of its own."""
        return OwnThings(
            np.array([_number(self.objects, each) for each, _ in things], np.int32),
            np.array([_number(self.kinds, kind) for _, kind in things], np.int32),
        )

    def tables(self, things: Sequence[Thing]) -> OwnThings:
        """The objects and kinds (things + 1,) by the code of a thing; the last entry is for nothing."""
        return self.codes([*things, NOTHING])

    def own(self, leads: Mapping[str, Column], rows: NDArray[np.int64]) -> OwnThings:
        """What the leads of some rows (n,) name, read as ``features.records.related.thing`` does."""
        named, campaign = (_column(self.objects, leads.get(name), rows) for name in ("related_to", "campaign"))
        objects = np.where(named == UNNAMED, campaign, named)
        return OwnThings(objects, _column(self.kinds, leads.get("related_kind"), rows))


def _numbered(texts: Iterable[str]) -> dict[str, int]:
    return {text: number for number, text in enumerate(dict.fromkeys(text for text in texts if text))}


def _number(numbers: Mapping[str, int], text: str) -> int:
    return numbers.get(text, len(numbers)) if text else UNNAMED


def _column(numbers: Mapping[str, int], column: Column | None, rows: NDArray[np.int64]) -> Codes:
    if not isinstance(column, Categorical):
        return np.full(rows.size, UNNAMED, np.int32)
    table = [*(_number(numbers, normalised(level)) for level in column.levels), UNNAMED]
    return np.array(table, np.int32)[column.codes[rows]]
