"""What drives conversion: how far each signal, family, channel and campaign moves the probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature
from models.evaluation.intervals import wilson
from models.explanation.points import Explanation, by_signal, dimensions_of, sum_by, sum_dimensions
from pipelines.explanation.groups import groups_of
from pipelines.pages.signal_names import signal_name
from pipelines.pages.texts import ENGLISH, Texts

CHANNELS = ("channel", "campaign", "source")
MISSING = "(unknown)"
STRONGEST = 3  # signals that the headline names
_MIN_LEADS = 20  # leads in a group whose mean is shown
_MAX_LEVELS = 25  # levels of a channel column


@dataclass(frozen=True)
class Importance:
    """Tables of mean absolute effects over the explained leads, largest first.

    ``signals``: signal, label, family, dimension, points, share, log_odds, raises, raises_points, lowers and
    lowers_points, with names in the words of a language. ``families``: family, dimension, points, share, log_odds.
    ``channels``: column, level, leads, won_rate, low, high, probability, points (mean effect of the channel family),
    fit, interest, intent, raises, lowers. Points are shares: 0.12 is 12 percentage points. ``won_rate`` is the share
    of the leads that bought.
    """

    leads: int
    base_probability: float
    won_rate: float
    signals: pd.DataFrame
    families: pd.DataFrame
    channels: pd.DataFrame

    @property
    def moving(self) -> pd.DataFrame:
        """The signals that move a probability at all."""
        return self.signals[self.signals["points"] > 0]

    def headline(self, say: Texts = ENGLISH) -> str:
        """What drives conversion, in a sentence."""
        strong = self.moving.head(STRONGEST)
        if strong.empty:
            return say("importance.flat")
        return say("importance.headline", names="; ".join(strong["label"]))

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {"signals": self.signals, "families": self.families, "channels": self.channels}

    def to_json(self) -> dict[str, Any]:
        """As JSON values: each table as a list of rows."""
        rows = {name: table.to_dict("records") for name, table in self.tables().items()}
        return {"leads": self.leads, "base_probability": self.base_probability, "won_rate": self.won_rate, **rows}


def importance(
    explanation: Explanation, features: Sequence[Feature], X: Floats, snapshots: pd.DataFrame, say: Texts = ENGLISH
) -> Importance:
    """Sum up the explanation of the leads X (n, features), whose rows ``snapshots`` has in the same order."""
    return Importance(
        leads=len(X),
        base_probability=float(explanation.base_probability.mean()) if len(X) else float("nan"),
        won_rate=float(snapshots["label"].astype("float64").mean()),
        signals=_signals(explanation, features, X, say),
        families=_families(explanation, features),
        channels=_channels(explanation, features, snapshots, say),
    )


def _signals(explanation: Explanation, features: Sequence[Feature], X: Floats, say: Texts) -> pd.DataFrame:
    names, points = by_signal(explanation.points, features)
    _, log_odds = by_signal(explanation.log_odds, features)
    rows = []
    for column, name in enumerate(names):
        own = [index for index, feature in enumerate(features) if feature.signal == name]
        members = [features[index] for index in own]
        rows.append(
            {"signal": name, "label": signal_name(members[0], say), "family": members[0].family}
            | {"dimension": members[0].dimension}
            | _size(points[:, column], log_odds[:, column])
            | _sides(members, X[:, own], points[:, column], say)
        )
    return _ranked(pd.DataFrame(rows))


def _families(explanation: Explanation, features: Sequence[Feature]) -> pd.DataFrame:
    keys = [(feature.family, feature.dimension) for feature in features]
    names, points = sum_by(explanation.points, keys)
    _, log_odds = sum_by(explanation.log_odds, keys)
    rows = [
        {"family": family, "dimension": dimension} | _size(points[:, column], log_odds[:, column])
        for column, (family, dimension) in enumerate(names)
    ]
    return _ranked(pd.DataFrame(rows))


def _size(points: Floats, log_odds: Floats) -> dict[str, float]:
    return {"points": float(np.abs(points).mean()), "log_odds": float(np.abs(log_odds).mean())}


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    total = float(table["points"].sum())
    table.insert(list(table).index("log_odds") + 1, "share", table["points"] / total if total else 0.0)
    return table.sort_values(["points", "log_odds"], ascending=False, kind="stable", ignore_index=True)


def _sides(members: Sequence[Feature], X: Floats, points: Floats, say: Texts) -> dict[str, str | float]:
    """The groups of leads that the signal raises and lowers most, with their mean points; empty where it does not."""
    groups = [(name, mask) for name, mask in groups_of(members, X, say) if mask.sum() >= _MIN_LEADS]
    means = [(float(points[mask].mean()), name) for name, mask in groups]
    raises = max((each for each in means if each[0] > 0), default=(0.0, ""))
    lowers = min((each for each in means if each[0] < 0), default=(0.0, ""))
    return {"raises": raises[1], "raises_points": raises[0], "lowers": lowers[1], "lowers_points": lowers[0]}


def _channels(
    explanation: Explanation, features: Sequence[Feature], snapshots: pd.DataFrame, say: Texts
) -> pd.DataFrame:
    effects = _Effects(explanation, features, say)
    rows = [
        {"column": column, "level": level} | _outcome(snapshots[mask]) | effects.of(mask)
        for column in CHANNELS
        if column in snapshots and snapshots[column].notna().sum() >= _MIN_LEADS
        for level, mask in _column_levels(snapshots[column])
    ]
    return pd.DataFrame(rows, columns=_CHANNEL_COLUMNS)


_CHANNEL_COLUMNS = [
    "column", "level", "leads", "won_rate", "low", "high", "probability", "points", "fit", "interest", "intent",
    "raises", "lowers",
]  # fmt: skip


def _column_levels(column: pd.Series) -> list[tuple[str, NDArray[np.bool_]]]:
    levels = column.astype("object").where(column.notna(), MISSING).astype(str).to_numpy()
    counts = pd.Series(levels).value_counts(sort=True)
    ordered = sorted(counts.index, key=lambda level: (-counts[level], level))
    return [(str(level), levels == level) for level in ordered[:_MAX_LEVELS] if counts[level] >= _MIN_LEADS]


def _outcome(rows: pd.DataFrame) -> dict[str, float]:
    rate = wilson(float(rows["label"].astype("float64").mean()), len(rows))
    return {"leads": len(rows), "won_rate": rate.value, "low": rate.low, "high": rate.high}


class _Effects:
    """Mean effects in groups of leads, and what sets a group apart from all the others."""

    def __init__(self, explanation: Explanation, features: Sequence[Feature], say: Texts) -> None:
        self.say = say
        self.probability = explanation.probability
        self.dimensions = sum_dimensions(explanation.points, dimensions_of(features))
        channel = [feature.family == "channel" for feature in features]
        self.channel = explanation.points[:, channel].sum(axis=1)
        self.signals, self.points = by_signal(explanation.points, features)
        label_of = {feature.signal: signal_name(feature, say) for feature in reversed(features)}
        self.labels = [label_of[name] for name in self.signals]
        origin = {feature.signal for feature in features if feature.family == "channel"}
        self.others = np.array([name not in origin for name in self.signals])
        self.usual = self.points.mean(axis=0)

    def of(self, mask: NDArray[np.bool_]) -> dict[str, float | str]:
        """Of the leads in ``mask``, whom their source, channel or campaign tells apart: that these do is no news."""
        apart = np.where(self.others, self.points[mask].mean(axis=0) - self.usual, 0.0)
        return {
            "probability": float(self.probability[mask].mean()),
            "points": float(self.channel[mask].mean()),
            **{name: float(values[mask].mean()) for name, values in self.dimensions.items()},
            "raises": self._named(apart, int(np.argmax(apart))),
            "lowers": self._named(apart, int(np.argmin(apart))),
        }

    def _named(self, apart: Floats, column: int) -> str:
        return f"{self.labels[column]} ({self.say.points(apart[column])})" if abs(apart[column]) >= 0.0005 else ""
