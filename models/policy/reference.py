"""The reference of a model: how probable its recent leads are, how many come in, and what is known of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data_contracts.strict_json import from_json
from features.arrays import Floats

STEPS = 1001


@dataclass(frozen=True)
class Reference:
    """``quantiles`` (STEPS,) of recent probabilities, lowest first.

    ``leads_per_week`` is None where the data have no dates. ``fields`` are the columns in which the data set has any
    value, None where that was not looked at; ``lead_attributes`` those of leads that are not canonical, with a value or
    without.
    """

    quantiles: Floats
    leads_per_week: float | None = None
    fields: frozenset[str] | None = None
    lead_attributes: frozenset[str] = frozenset()

    def percentile(self, probability: Floats) -> Floats:
        """The share (n,) of recent leads that are less probable; of equals, half.

        >>> reference_quantiles(np.array([0.1, 0.2, 0.4])).percentile(np.array([0.05, 0.2, 0.3])).round(2)
        array([0.  , 0.5 , 0.75])
        """
        below = self.quantiles.searchsorted(probability, "left")
        up_to = self.quantiles.searchsorted(probability, "right")
        return (below + up_to) / (2.0 * len(self.quantiles))

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        fields = None if self.fields is None else sorted(self.fields)
        attributes = sorted(self.lead_attributes)
        return {**vars(self), "quantiles": self.quantiles.tolist(), "fields": fields, "lead_attributes": attributes}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "Reference":
        """The inverse of ``to_dict``.

        Raises ValueError where the entry is of none.
        """
        stored = from_json(_Stored, entry)
        quantiles = np.array(stored.quantiles)
        if quantiles.size != STEPS or np.any(np.diff(quantiles) < 0) or quantiles[0] < 0 or quantiles[-1] > 1:
            raise ValueError(f"expected {STEPS} rising probabilities")
        if stored.leads_per_week is not None and stored.leads_per_week < 0:
            raise ValueError("fewer than no leads come in a week")
        known = None if stored.fields is None else frozenset(stored.fields)
        return cls(quantiles, stored.leads_per_week, known, frozenset(stored.lead_attributes))


@dataclass(frozen=True)
class _Stored:
    """A reference as JSON values."""

    quantiles: tuple[float, ...]
    leads_per_week: float | None
    fields: tuple[str, ...] | None
    lead_attributes: tuple[str, ...]


def reference_quantiles(
    probability: Floats,
    leads_per_week: float | None = None,
    fields: Iterable[str] | None = None,
    lead_attributes: Iterable[str] = (),
) -> Reference:
    """The reference of recent leads' probabilities (n,), n > 0."""
    known = None if fields is None else frozenset(fields)
    quantiles = np.quantile(probability, np.linspace(0.0, 1.0, STEPS))
    return Reference(quantiles, leads_per_week, known, frozenset(lead_attributes))
