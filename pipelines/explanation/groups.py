"""Leads grouped by what they have of a signal, so that a person sees which side of it raises the chance."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature
from features.phrases import phrasebook
from pipelines.pages.texts import ENGLISH, Texts

_PARTS_OF_TIME: dict[str, Callable[[Mapping[str, Any], int], str]] = {
    "hour": lambda _, hour: f"{hour:02d}:00",
    "weekday": lambda words, day: str(words["weekdays"][day % 7]),
    "month": lambda words, month: str(words["months"][(month - 1) % 12]),
}
Group: TypeAlias = tuple[str, NDArray[np.bool_]]


def groups_of(features: Sequence[Feature], X: Floats, say: Texts = ENGLISH) -> list[Group]:
    """Names and masks (n,) of the groups that the features of one signal, X (n, features), make of the leads.

    Something that happens: how often it did, over the longest window that counts it. A category: its levels. Yes or
    no: both. A number: its thirds. Groups without leads are left out; a signal that is no activity is grouped by its
    first feature.
    """
    return [(name, mask) for name, mask in _groups(features, X, say) if mask.any()]


def _groups(features: Sequence[Feature], X: Floats, say: Texts) -> Iterable[Group]:
    first, values = features[0], X[:, 0]
    counts = [column for column, feature in enumerate(features) if feature.activity and feature.unit == "events"]
    if counts:
        return _times(X[:, max(counts, key=lambda column: _window(features[column]))], say)
    if first.activity and first.unit != "value":
        happened = (np.nan_to_num(X) != 0).any(axis=1)
        return [(say("groups.happened"), happened), (say("groups.not_happened"), ~happened)]
    if first.categories is not None:
        return _levels(first, values, say)
    unknown = (say("groups.unknown"), np.isnan(values))
    if first.unit == "yes or no" or np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        return [(say("groups.yes"), values == 1), (say("groups.no"), values == 0), unknown]
    return [*_thirds(first, values, say), unknown]


def _window(feature: Feature) -> tuple[bool, float]:
    """Longer windows are greater; counts before recent activity that fades."""
    return feature.phrase.endswith("count"), feature.window_days or np.inf


def _times(counts: Floats, say: Texts) -> Iterator[Group]:
    happened = np.nan_to_num(counts)
    yield say("groups.never"), happened <= 0
    if not (happened > 0).any():
        return
    middle = float(np.median(happened[happened > 0]))
    if middle < 2:
        yield say("groups.once"), (happened > 0) & (happened < 2)
        yield say("groups.more"), happened >= 2
    else:
        middle = float(np.round(middle))
        yield say("groups.times", middle), (happened > 0) & (happened <= middle)
        yield say("groups.more_times", middle), happened > middle


def _levels(feature: Feature, values: Floats, say: Texts) -> Iterator[Group]:
    book, categories = phrasebook(say.language), feature.categories or ()
    for code in range(len(categories)):
        yield book.category(feature, code), values == code
    yield say("groups.other"), values == len(categories)
    yield say("groups.unknown"), np.isnan(values)


def _thirds(feature: Feature, values: Floats, say: Texts) -> Iterator[Group]:
    low, high = np.quantile(values[~np.isnan(values)], (1 / 3, 2 / 3))
    first, second = (_amount(feature, end, say) for end in (low, high))
    if low == high:  # most leads have one value: below it, at it, above it
        yield say("groups.below", n=first), values < low
        yield say("groups.at", n=first), values == low
        yield say("groups.above", n=first), values > low
    else:
        yield say("groups.up_to", n=first), values <= low
        yield say("groups.between", low=first, high=second), (values > low) & (values < high)
        yield say("groups.from", n=second), values >= high


def _amount(feature: Feature, value: float, say: Texts) -> str:
    """A value with its unit where a bare number would say nothing."""
    if feature.unit == "days":
        return phrasebook(say.language).duration(value)
    if feature.unit == "share":
        return say.percent(value)
    if feature.currency:
        return phrasebook(say.language).money(value, feature.currency)
    if feature.unit in _PARTS_OF_TIME:
        return _PARTS_OF_TIME[feature.unit](phrasebook(say.language).content, int(value))
    if feature.phrase == "founded_year":
        return f"{value:.0f}"
    decimals = f"{value:.4g}".partition(".")[2] if abs(value) < 1000 else ""
    return say.number(value, len(decimals) if decimals.isdigit() else 0)
