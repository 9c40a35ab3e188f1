"""What leads and activities are about: the offer, the campaign or the product that they name, and its kind."""

from dataclasses import dataclass
from typing import TypeAlias

from features.arrays import Codes

Thing: TypeAlias = tuple[str, str]  # the object and its kind, each "" where it is not named
NOTHING: Thing = ("", "")


@dataclass(frozen=True)
class Related:
    """What events are about, as int32 codes (m,) into ``things``; -1 is nothing."""

    codes: Codes
    things: tuple[Thing, ...]


def thing(related_to: str | None, related_kind: str | None, campaign: str | None) -> Thing:
    """What the columns of a lead or an activity name: its campaign where nothing else is named.

    >>> thing("offer 7", "discount", "spring"), thing(None, None, "spring"), thing("", None, None)
    (('offer 7', 'discount'), ('spring', ''), ('', ''))
    """
    return related_to or campaign or "", related_kind or ""
