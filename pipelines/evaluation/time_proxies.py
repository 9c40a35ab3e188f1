"""Features that read the clock, as the learning found them, with their meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.feature import Feature
from models.learning.time_proxies import READS, Clock
from pipelines.pages.numbers import percent

_NAMED = 3  # on the terminal; the report has them all


@dataclass(frozen=True)
class ToldClock:
    """A clock and what its feature means; empty where this version has no such feature."""

    clock: Clock
    meaning: str

    @property
    def reads(self) -> bool:
        """Whether it tells newer leads from older ones; else only its newest values are new."""
        return self.clock.auc >= READS


def told_clocks(facts: Mapping[str, Any], features: Sequence[Feature]) -> tuple[ToldClock, ...] | None:
    """The clocks among the facts of a learning, the strongest first; None where it did not look for any."""
    found = facts.get("clocks")
    if found is None:
        return None
    meanings = {feature.name: feature.meaning for feature in features}
    clocks = (Clock(str(each["feature"]), float(each["auc"]), float(each["unseen"])) for each in found)
    return tuple(ToldClock(clock, meanings.get(clock.feature, "")) for clock in clocks)


def clocks_sentence(clocks: Sequence[ToldClock]) -> str:
    """One line for the terminal; empty where there is no clock."""
    if not clocks:
        return ""
    named = [_named(told) for told in clocks[:_NAMED]]
    more = f" and {len(clocks) - _NAMED} more" if len(clocks) > _NAMED else ""
    return f"Tied to a time: {', '.join(named)}{more}. What the model says of them may not hold for coming leads."


def _named(told: ToldClock) -> str:
    if told.reads:
        return f"{told.clock.feature} (tells new from old leads, AUC {told.clock.auc:.2f})"
    return f"{told.clock.feature} (new values in {percent(told.clock.unseen)} of the newest leads)"
