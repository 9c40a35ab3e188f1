"""What leads and activities are about: the offer, the campaign or the product that they name, and its kind."""

from dataclasses import dataclass
from typing import TypeAlias

from features.arrays import Codes
from features.texts import normalised

Thing: TypeAlias = tuple[str, str]  # the object and its kind, each "" where it is not named
NOTHING: Thing = ("", "")


@dataclass(frozen=True)
class Related:
    """What events are about, as int32 codes (m,) into ``things``; -1 is nothing."""

    codes: Codes
    things: tuple[Thing, ...]


def thing(related_to: str | None, related_kind: str | None, campaign: str | None) -> Thing:
    """What the columns of a lead or an activity name: its campaign where no other object is named.

    >>> thing("Offer 7", "discount", "spring"), thing(" ", None, "spring"), thing(None, None, None)
    (('offer 7', 'discount'), ('spring', ''), ('', ''))
    """
    return normalised(related_to or "") or normalised(campaign or ""), normalised(related_kind or "")
