"""Time-dependent features, as found in training, with their meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.feature import Feature
from models.learning.time_proxies import MIN_AUC, TimeDependence
from pipelines.pages.signal_names import signal_name
from pipelines.pages.texts import ENGLISH, Texts

_NAMED = 3  # on the terminal; the report has them all


@dataclass(frozen=True)
class TimeProxy:
    """A feature tied to time as measured in training, and the feature itself where this version has it."""

    measured: TimeDependence
    feature: Feature | None

    def meaning(self, say: Texts) -> str:
        """What a person calls it; empty where nobody knows."""
        return signal_name(self.feature, say) if self.feature else ""

    def sentence(self, say: Texts) -> str:
        """The feature and how it is tied to time."""
        name = self.measured.feature
        if self.measured.auc >= MIN_AUC:
            return say("terminal.proxy_auc", name=name, auc=say.number(self.measured.auc, 2))
        return say("terminal.proxy_unseen", name=name, unseen=say.percent(self.measured.unseen))


def time_proxies(report: Mapping[str, Any], features: Sequence[Feature]) -> tuple[TimeProxy, ...] | None:
    """The time proxies in a training report, the strongest first; None where training did not look for any."""
    entries = report.get("clocks")
    if entries is None:
        return None
    by_name = {feature.name: feature for feature in features}
    return tuple(TimeProxy(TimeDependence(**each), by_name.get(each["feature"])) for each in entries)


def time_proxies_sentence(proxies: Sequence[TimeProxy], say: Texts = ENGLISH) -> str:
    """One line for the terminal; empty where there is no time proxy."""
    if not proxies:
        return ""
    names = ", ".join(proxy.sentence(say) for proxy in proxies[:_NAMED])
    if len(proxies) > _NAMED:
        names = say("terminal.more", len(proxies) - _NAMED, names=names)
    return say("terminal.proxies", names=names)
