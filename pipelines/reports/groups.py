"""Leads grouped by what they have of a signal, so that a person sees which side of it raises the chance."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from features.records import Floats

Group: TypeAlias = tuple[str, NDArray[np.bool_]]

NOT_KNOWN = "not known"
OTHER = "any other"


def groups_of(features: Sequence[Feature], X: Floats) -> list[Group]:
    """Names and masks (n,) of the groups that the features of one signal, X (n, features), make of the leads.

    Something that happens: happened or not. A category: its levels. Yes or no: both. A number: its thirds. Groups
    without leads are left out; a signal of several attributes is grouped by its first.
    """
    first, values = features[0], X[:, 0]
    if first.activity:
        return _present(_happened(X))
    if first.categories is not None:
        return _present(_levels(first.categories, values))
    if first.unit == "yes or no" or np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        return _present([("yes", values == 1), ("no", values == 0), (NOT_KNOWN, np.isnan(values))])
    return _present(_thirds(values))


def _present(groups: Iterator[Group] | list[Group]) -> list[Group]:
    return [(name, mask) for name, mask in groups if mask.any()]


def _happened(X: Floats) -> list[Group]:
    happened = (np.nan_to_num(X) != 0).any(axis=1)
    return [("happened", happened), ("did not happen", ~happened)]


def _levels(categories: Sequence[str], values: Floats) -> Iterator[Group]:
    for code, level in enumerate(categories):
        yield level, values == code
    yield OTHER, values == len(categories)
    yield NOT_KNOWN, np.isnan(values)


def _thirds(values: Floats) -> Iterator[Group]:
    low, high = np.quantile(values[~np.isnan(values)], (1 / 3, 2 / 3))
    if low == high:  # most leads have one value: below it, at it, above it
        yield f"below {low:,.4g}", values < low
        yield f"{low:,.4g}", values == low
        yield f"above {low:,.4g}", values > low
    else:
        yield f"up to {low:,.4g}", values <= low
        yield f"{low:,.4g} to {high:,.4g}", (values > low) & (values < high)
        yield f"{high:,.4g} and more", values >= high
    yield NOT_KNOWN, np.isnan(values)
