"""Which features speak for their signal, and when a sentence and its sign clash."""

from dataclasses import dataclass

from features.feature import Feature

# Numbers that say nothing to a person; the count or the time since the last one speaks in their place.
SILENT = frozenset({"decayed", "trend", "types", "sum", "relative_recency"})
# Nobody says what the value of these is.
_OF_VALUES = frozenset({"last", "mean", "max"})
_WITHOUT_UNIT = frozenset({"webinar", "call"})
SILENT_TIMES = frozenset({"created_hour", "snapshot_hour", "snapshot_weekday"})
# Of these less is better: nobody says "only once" when once is already against the lead.
UNFAVOURABLE = frozenset({"unsubscribe", "bounce", "deal_lost", "verdict_nurture", "verdict_suspect", "automated"})
_COUNTED = frozenset({"count", "days"})
_SINCE = frozenset({"recency", "first"})
FEW = 2  # up to so many are called few where they lower a score


@dataclass(frozen=True)
class Leaning:
    """Which way the sentences of a feature lean: 1 reads well, -1 reads badly, 0 neither.

    ``present`` is of values above ``few``, ``absent`` of 0 and of missing ones; what is between leans nowhere.
    """

    present: int = 0
    absent: int = 0
    few: float = 0.0

    def clashes(self, value: float, *, raising: bool) -> bool:
        """Whether the sentence of a value reads as the contrary of what it does to the score."""
        side = self.present if value > self.few else 0 if value > 0 else self.absent
        return side * (1 if raising else -1) < 0


def speaks(feature: Feature) -> bool:
    """Whether a sentence about the feature means something to a person."""
    aggregate = _aggregate(feature)
    if aggregate in SILENT or feature.phrase in SILENT_TIMES:
        return False
    return feature.speaks and not (aggregate in _OF_VALUES and feature.activity in _WITHOUT_UNIT)


def leaning(feature: Feature) -> Leaning:
    """Which way its sentences lean; those about who a lead is lean nowhere."""
    aggregate, good = _aggregate(feature), -1 if feature.activity in UNFAVOURABLE else 1
    if not feature.activity or feature.activity == "lead_created":
        return Leaning()
    if aggregate in _COUNTED:
        return Leaning(good, -good, few=FEW if good > 0 else 0)
    if aggregate in _SINCE:
        return Leaning(min(good, 0), -good)
    return Leaning(good, -good) if aggregate in ("rate", "automated") else Leaning()


def _aggregate(feature: Feature) -> str:
    return feature.phrase.removeprefix("account_") if feature.activity else feature.phrase
