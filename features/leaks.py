"""The leak guard: single columns that separate won from lost too well to have been known at the snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Attribute
from features.arrays import Floats, Times
from features.ranking import cross_fitted_auc, separation
from features.records.records import Categorical, Records
from features.values.attributes import AttributeFeature, candidates

MAX_AUC = 0.90
MAX_GAP = 0.10  # between the shares of won and lost leads with a value, where nobody knows since when it was there
SURE = 2.0  # standard errors by which a gap is wider
MIN_PER_CLASS = 20  # values of each class before the ranks of a column are believed
FOLDS = 5
PRIOR_WEIGHT = 10.0
BINS = 20


@dataclass(frozen=True)
class Suspect:
    """A column ("leads.tags") that alone reaches an AUC, and how."""

    column: str
    auc: float
    why: str

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"column": self.column, "auc": round(self.auc, 4), "why": self.why}


def suspects(
    records: Records, lead_index: NDArray[np.int64], moment: Times, label: Floats, attributes: Sequence[Attribute]
) -> tuple[Suspect, ...]:
    """The columns to be quarantined, judged on training leads (n,), one row each, with labels 0 and 1.

    Columns with a history and those that a person confirmed are not judged; behavioural windows see only what lies
    before the snapshot, and need not be. Where nobody knows since when a column was filled in, it is enough that the
    won have a value much more often than the lost, or much less: the fill alone would not hide that, since whatever
    differs from it was known.
    """
    quarantined = []
    for attribute in candidates(attributes):
        if attribute.known_at == "changes" or attribute.confirmed:
            continue
        feature = AttributeFeature.of(attribute).fitted(records, lead_index, moment)
        values = _groups(feature, records, lead_index, moment)
        auc, why = _strongest(values, label, numeric=attribute.kind == "numeric")
        if auc <= MAX_AUC:
            why = "" if feature.missing_tells else _unlike(~np.isnan(values), label)
        if why:
            quarantined.append(Suspect(feature.column, auc, why))
    return tuple(quarantined)


def _unlike(known: NDArray[np.bool_], label: Floats) -> str:
    """How the shares of won and lost leads with a value differ, where the gap is surely wider than MAX_GAP."""
    won, lost = known[label == 1], known[label == 0]
    if not won.size or not lost.size:
        return ""
    error = np.sqrt(won.var() / won.size + lost.var() / lost.size)
    if abs(won.mean() - lost.mean()) - SURE * error <= MAX_GAP:
        return ""
    return f"it is there for {won.mean():.0%} of the won and {lost.mean():.0%} of the lost, nobody knows since when"


def _groups(feature: AttributeFeature, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Floats:
    """Values (n,) of a column as numbers; rare levels of a categorical one stay apart."""
    column, row = feature.raw(records, lead_index, moment)
    if feature.kind == "categorical" and isinstance(column, Categorical) and column.codes.size:
        codes = np.where(row < 0, -1, column.codes[row])
        return np.where(codes < 0, np.nan, codes.astype(np.float64))
    return feature.numbers(column, row)


def _strongest(values: Floats, label: Floats, *, numeric: bool) -> tuple[float, str]:
    """The highest AUC of a column's fill, size and value alone, and which of them it is."""
    missing, lost = np.isnan(values), 1 - label
    fill = separation(missing.astype(np.float64), label, lost)
    ways = [(fill, "whether it is missing alone separates won from lost")]
    if numeric and min(label[~missing].sum(), lost[~missing].sum()) >= MIN_PER_CLASS:
        size = separation(values[~missing], label[~missing], lost[~missing])
        ways.append((size, "its size alone separates won from lost"))
    _, level = np.unique(_binned(values) if numeric else values, return_inverse=True, equal_nan=True)
    fold = np.random.default_rng(0).permutation(label.size) % FOLDS
    ways.append((cross_fitted_auc(level, fold, label, PRIOR_WEIGHT), "its value alone tells the outcome"))
    return max(ways, key=lambda way: way[0])


def _binned(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    if not known.size:
        return values
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.where(np.isnan(values), np.nan, np.searchsorted(edges, values, side="right"))
