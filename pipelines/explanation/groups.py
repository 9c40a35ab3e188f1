"""Leads grouped by what they have of a signal, so that a person sees which side of it raises the chance."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats
from features.feature import Feature

Group: TypeAlias = tuple[str, NDArray[np.bool_]]

UNKNOWN = "unknown"
OTHER = "any other"


def groups_of(features: Sequence[Feature], X: Floats) -> list[Group]:
    """Names and masks (n,) of the groups that the features of one signal, X (n, features), make of the leads.

    Something that happens: how often it did, over the longest window that counts it. A category: its levels. Yes or
    no: both. A number: its thirds. Groups without leads are left out; a signal that is no activity is grouped by its
    first feature.
    """
    return [(name, mask) for name, mask in _groups(features, X) if mask.any()]


def _groups(features: Sequence[Feature], X: Floats) -> Iterable[Group]:
    first, values = features[0], X[:, 0]
    counts = [column for column, feature in enumerate(features) if feature.activity and feature.unit == "events"]
    if counts:
        return _times(X[:, max(counts, key=lambda column: _window(features[column]))])
    if first.activity and first.unit != "value":
        happened = (np.nan_to_num(X) != 0).any(axis=1)
        return [("happened", happened), ("did not happen", ~happened)]
    if first.categories is not None:
        return _levels(first.categories, values)
    if first.unit == "yes or no" or np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        return [("yes", values == 1), ("no", values == 0), (UNKNOWN, np.isnan(values))]
    return _thirds(values)


def _window(feature: Feature) -> tuple[bool, float]:
    """Longer windows are greater; counts before recent activity that fades."""
    return feature.phrase.endswith("count"), feature.window_days or np.inf


def _times(counts: Floats) -> Iterator[Group]:
    happened = np.nan_to_num(counts)
    yield "never", happened <= 0
    if not (happened > 0).any():
        return
    middle = float(np.median(happened[happened > 0]))
    if middle < 2:
        yield "once", (happened > 0) & (happened < 2)
        yield "twice or more", happened >= 2
    else:
        yield f"up to {middle:,.0f} times", (happened > 0) & (happened <= np.round(middle))
        yield f"more than {middle:,.0f} times", happened > np.round(middle)


def _levels(categories: Sequence[str], values: Floats) -> Iterator[Group]:
    for code, level in enumerate(categories):
        yield level, values == code
    yield OTHER, values == len(categories)
    yield UNKNOWN, np.isnan(values)


def _thirds(values: Floats) -> Iterator[Group]:
    low, high = np.quantile(values[~np.isnan(values)], (1 / 3, 2 / 3))
    if low == high:  # most leads have one value: below it, at it, above it
        yield f"below {_short(low)}", values < low
        yield f"{_short(low)}", values == low
        yield f"above {_short(low)}", values > low
    else:
        yield f"up to {_short(low)}", values <= low
        yield f"{_short(low)} to {_short(high)}", (values > low) & (values < high)
        yield f"{_short(high)} and more", values >= high
    yield UNKNOWN, np.isnan(values)


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
