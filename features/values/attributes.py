"""Attribute features: canonical columns and whatever the company's own export brings, as numbers and codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Attribute, AttributeKind
from data_contracts.strict_json import from_json
from features.arrays import LARGEST, Floats, Times, integers
from features.feature import FAMILIES, LANGUAGES, Family, Feature, Language
from features.records.records import Categorical, Column, Records
from features.texts import normalised
from features.values.kernels import last_before

MAX_LEVELS = 1000
MIN_LEADS = 10  # a level seen in fewer training leads is pooled
TRUE = frozenset({"true", "yes", "y", "1", "t"})
FALSE = frozenset({"false", "no", "n", "0", "f"})

_CANONICAL: tuple[tuple[Literal["leads", "accounts"], str, AttributeKind, Family, str], ...] = (
    ("leads", "source", "categorical", "channel", "source"),
    ("leads", "channel", "categorical", "channel", "channel"),
    ("leads", "campaign", "categorical", "channel", "campaign"),
    ("leads", "related_to", "categorical", "channel", "offer or product"),
    ("leads", "related_kind", "categorical", "channel", "kind of offer or product"),
    ("leads", "job_title", "categorical", "demographic", "job title"),
    ("leads", "seniority", "categorical", "demographic", "level of the job"),
    ("leads", "department", "categorical", "demographic", "department"),
    ("leads", "country", "categorical", "demographic", "country"),
    ("leads", "language", "categorical", "demographic", "language"),
    ("leads", "email_kind", "categorical", "demographic", "kind of e-mail address"),
    ("leads", "has_name", "boolean", "demographic", "name given"),
    ("leads", "has_phone", "boolean", "demographic", "phone number given"),
    ("leads", "has_social", "boolean", "demographic", "social profile given"),
    ("accounts", "industry", "categorical", "firmographic", "industry"),
    ("accounts", "employees", "numeric", "firmographic", "number of employees"),
    ("accounts", "annual_revenue", "numeric", "firmographic", "annual revenue"),
    ("accounts", "founded_year", "numeric", "firmographic", "year founded"),
    ("accounts", "country", "categorical", "firmographic", "country of the company"),
    ("accounts", "kind", "categorical", "firmographic", "kind of company"),
)
CANONICAL = tuple(
    Attribute(table=table, name=name, kind=kind, known_at="created", label=label, family=family)
    for table, name, kind, family, label in _CANONICAL
)
_IS_CANONICAL = frozenset((each.table, each.name) for each in CANONICAL)


Source: TypeAlias = tuple[Column | None, NDArray[np.int64]]


@dataclass(frozen=True)
class AttributeFeature:
    """One attribute as one column. ``categories`` are the levels that have a code, None for numbers.

    Levels that differ in case or white space only are one level; ``history`` says that the value is taken from the
    changes before the snapshot wherever records hold them. ``missing_tells`` is False where nobody knows since when
    the value was there: that it is missing may then come from the outcome, and ``fill`` (fitted; None where no value
    was known) is the number that the feature matrix has in its place.
    """

    table: Literal["leads", "accounts"]
    name: str
    kind: AttributeKind
    family: Family
    label: str
    history: bool = False
    categories: tuple[str, ...] | None = None
    missing_tells: bool = True
    fill: float | None = None
    labels: Mapping[Language, str] = field(default_factory=dict)
    speaks: bool = True

    @classmethod
    def of(cls, attribute: Attribute) -> "AttributeFeature":
        """The feature of an attribute, its vocabulary and fill not fitted yet."""
        default: Family = "demographic" if attribute.table == "leads" else "firmographic"
        family = next((each for each in FAMILIES if each == attribute.family), default)
        return cls(
            attribute.table, attribute.name, attribute.kind, family, attribute.label,
            history=attribute.known_at == "changes",
            missing_tells=attribute.known_at != "unknown" or attribute.confirmed,
            labels={language: attribute.labels[language] for language in LANGUAGES if language in attribute.labels},
            speaks=attribute.speaks,
        )  # fmt: skip

    @property
    def column(self) -> str:
        """Table and name, as facts and reports write it."""
        return f"{self.table}.{self.name}"

    @cached_property
    def feature(self) -> Feature:
        """What the column means."""
        signal = self.name if self.table == "leads" else f"account.{self.name}"
        return Feature(
            name=signal if self.table == "accounts" else f"lead.{self.name}",
            family=self.family,
            signal=signal,
            unit={"numeric": "number", "categorical": "category", "boolean": "yes or no"}[self.kind],
            meaning=f"{self.label[:1].upper()}{self.label[1:]} of the {self.table[:-1]}.",
            phrase=self._phrase(),
            label=self.label,
            categories=self.categories,
            speaks=self.speaks,
            filled=self.fill is not None,
            labels=self.labels,
        )

    def _phrase(self) -> str:
        if (self.table, self.name) not in _IS_CANONICAL:
            return f"attribute_{self.kind}"
        return "account_country" if (self.table, self.name) == ("accounts", "country") else self.name

    @cached_property
    def _code_of(self) -> dict[str, float]:
        return {normalised(level): float(code) for code, level in enumerate(self.categories or ())}

    def compute(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Floats:
        """Values (n,) at the moments: numbers, 0 and 1, or codes; NaN where missing."""
        return self.numbers(*self.raw(records, lead_index, moment))

    def raw(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Source:
        """The column that the values come from, and the row (n,) of it that each snapshot sees; -1 for none."""
        of_lead = self.table == "leads"
        row = lead_index if of_lead else records.account_of[lead_index].astype(np.int64)
        history = (records.lead_history if of_lead else records.account_history).get(self.name)
        if self.history and history is not None:
            return history.type, last_before(history.starts, history.at, integers(row), integers(moment))
        return (records.leads if of_lead else records.accounts).get(self.name), row

    def numbers(self, column: Column | None, row: NDArray[np.int64]) -> Floats:
        """The column's values at the rows as this feature's numbers (n,)."""
        if column is None or not _size(column):
            return np.full(row.size, np.nan)
        if isinstance(column, Categorical):
            table = np.array([*(self._of_text(level) for level in column.levels), np.nan])
            return np.where(row < 0, np.nan, table[column.codes[row]])
        values = np.where(row < 0, np.nan, column[row])
        if self.kind == "categorical":
            return np.array([self.number(value) for value in values.tolist()], dtype=np.float64)
        return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)

    def number(self, value: str | float) -> float:
        """One value as this feature's number."""
        if isinstance(value, str):
            return self._of_text(value)
        if self.kind == "categorical":
            return self._of_text(text_of(float(value)))
        return _bounded(float(value)) if isfinite(value) else np.nan

    def _of_text(self, text: str) -> float:
        key = normalised(text)
        if not key:
            return np.nan
        if self.kind == "categorical":
            return self._code_of.get(key, float(len(self._code_of)))
        if self.kind == "boolean" and key in TRUE | FALSE:
            return float(key in TRUE)
        return _bounded(number_of(key))

    def fitted(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> "AttributeFeature":
        """Itself with the vocabulary of these snapshots, most frequent level first, rare ones left out; and its fill.

        The fill is the lower median of the values known, or the most frequent level.
        """
        column, row = self.raw(records, lead_index, moment)
        feature = self
        if self.kind == "categorical":
            feature = replace(self, categories=_vocabulary(_levels_at(column, row), MIN_LEADS))
        return feature if self.missing_tells else replace(feature, fill=feature._usual(column, row))

    def _usual(self, column: Column | None, row: NDArray[np.int64]) -> float | None:
        values = self.numbers(column, row)
        known = values[~np.isnan(values)]
        if not known.size:
            return None
        return 0.0 if self.kind == "categorical" else float(np.quantile(known, 0.5, method="lower"))

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "AttributeFeature":
        """The definition from the JSON values of its fields.

        Raises ValueError where they are of none.
        """
        feature = from_json(cls, entry)
        if (feature.categories is not None) != (feature.kind == "categorical"):
            raise ValueError("categories are not those of a category")
        if len(feature.categories or ()) > MAX_LEVELS:
            raise ValueError(f"there are more than {MAX_LEVELS} categories")
        return feature


def candidates(attributes: Sequence[Attribute]) -> list[Attribute]:
    """The canonical columns and the attributes that may enter: never those written after the outcome."""
    named = {(each.table, each.name): each for each in (*CANONICAL, *attributes)}
    return [each for each in named.values() if each.known_at != "after_outcome"]


def _bounded(number: float) -> float:
    return min(max(number, -LARGEST), LARGEST) if isfinite(number) else number


def number_of(text: str) -> float:
    """A finite number written as text, else NaN."""
    try:
        number = float(text)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def text_of(value: str | float) -> str:
    """A value as the text that it would be in a file: 3.0 is "3", True is "true", NaN is "".

    >>> text_of(3.0), text_of(True), text_of("three")
    ('3', 'true', 'three')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    if np.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else str(value)


def _size(column: Column) -> int:
    return int(column.codes.size if isinstance(column, Categorical) else column.size)


def _levels_at(column: Column | None, row: NDArray[np.int64]) -> dict[str, int]:
    """How many of the rows have each text."""
    if column is None or not _size(column):
        return {}
    if isinstance(column, Categorical):
        codes = column.codes[row[row >= 0]]
        counts = np.bincount(codes[codes >= 0], minlength=len(column.levels))
        return {level: int(count) for level, count in zip(column.levels, counts, strict=True) if count}
    values, counts = np.unique(column[row[row >= 0]], return_counts=True)
    return {text_of(float(value)): int(count) for value, count in zip(values, counts, strict=True)}


def _vocabulary(counts: dict[str, int], minimum: int) -> tuple[str, ...]:
    spellings: dict[str, list[tuple[int, str]]] = {}
    for text, count in counts.items():
        if normalised(text):
            spellings.setdefault(normalised(text), []).append((-count, text))
    total = {key: -sum(count for count, _ in each) for key, each in spellings.items()}
    kept = sorted((key for key in total if total[key] >= minimum), key=lambda key: (-total[key], key))[:MAX_LEVELS]
    return tuple(" ".join(min(spellings[key])[1].split()) for key in kept)
