"""The agreement applied: score, grade and stage of leads whose probability is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from data_contracts.agreement import VERDICT, Agreement, Capacity, Fixed
from features.recent import NONE, newest_of
from features.records import Floats, Records, Times
from models.profile import Mask, is_there, matches
from models.reference import Reference
from models.score import Grade, Stage

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")
_ROUNDING = 1e-9  # 1 - 0.2 is not the share 0.8 to the last digit


@dataclass(frozen=True)
class Placement:
    """Where n leads stand: ``score`` 0 to 100, ``grade``, ``stage`` and its reason."""

    score: NDArray[np.int64]
    grade: Sequence[Grade]
    stage: Sequence[Stage]
    stage_reason: Sequence[str]


@dataclass(frozen=True)
class Policy:
    """An agreement, and the recent leads that shares and capacity are counted in.

    Rules and required fields that name a column without any value in the whole data set are left out: they would
    disqualify everybody or nobody. ``warnings`` names them.
    """

    agreement: Agreement
    reference: Reference

    def place(self, records: Records, lead_index: NDArray[np.int64], moment: Times, probability: Floats) -> Placement:
        """Place leads (n,) at moments by their probabilities."""
        percentile = self.reference.percentile(probability)
        stage, reason = self._stages(records, lead_index, moment, probability)
        score = np.rint(100 * percentile).astype(np.int64)
        return Placement(score, self.grades(probability), stage, reason)

    def grades(self, probability: Floats) -> list[Grade]:
        """Grades (n,) of probabilities."""
        limits = self.agreement.grades
        worst = (limits.A, limits.B, limits.C)
        reached = sum((self._reaches(probability, limit, limits.by).astype(int) for limit in worst), start=0)
        return [GRADES[3 - count] for count in np.broadcast_to(reached, probability.shape).tolist()]

    def qualifies(self, probability: Floats) -> Mask:
        """Whether a probability (n,) is enough for an MQL."""
        mql = self.agreement.mql
        if isinstance(mql, Capacity):
            return self._reaches(probability, self.contact_share or mql.share, "share")
        if isinstance(mql, Fixed):
            return self._reaches(probability, mql.at_least, "probability")
        return probability * mql.deal_value * mql.margin > mql.cost_per_contact

    @property
    def contact_share(self) -> float | None:
        """The share of leads that sales can contact; None where the threshold is not one of capacity."""
        mql = self.agreement.mql
        if not isinstance(mql, Capacity):
            return None
        arriving = mql.leads_per_week or self.reference.leads_per_week
        return min(1.0, mql.contacts_per_week / arriving) if arriving else mql.share

    @cached_property
    def ignored_fields(self) -> tuple[str, ...]:
        """Fields that the agreement names and the data set does not have."""
        known = self.reference.fields
        return () if known is None else tuple(field for field in self.agreement.fields() if field not in known)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What of the agreement is not applied, and why."""
        return tuple(
            f"The agreement names {field!r}, which holds no value in the data: what it asks of it is not applied."
            for field in self.ignored_fields
        )

    def _reaches(self, probability: Floats, limit: float, by: str) -> Mask:
        if by == "probability":
            return probability >= limit
        return self.reference.percentile(probability) >= 1 - limit - _ROUNDING

    def _stages(
        self, records: Records, lead_index: NDArray[np.int64], moment: Times, probability: Floats
    ) -> tuple[list[Stage], list[str]]:
        asked = self._asked_for(records, lead_index, moment)
        stage = np.where(asked != "", "sql_candidate", np.where(self.qualifies(probability), "mql", "nurture"))
        missing = self._missing(records, lead_index, moment)
        rule = self._rules(records, lead_index, moment)
        stage = np.where(rule != "", "disqualified", np.where(missing != "", "incomplete", stage))
        reason = np.where(rule != "", rule, np.where(missing != "", missing, asked))
        return cast("list[Stage]", stage.tolist()), cast("list[str]", reason.tolist())

    def _rules(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> NDArray[np.object_]:
        """The first disqualifying rule (n,) that is true of each lead, "" for none."""
        first = np.full(lead_index.size, "", dtype=object)
        for rule in self.agreement.disqualify:
            if rule.field == VERDICT or rule.field not in self.ignored_fields:
                first[(first == "") & matches(rule, records, lead_index, moment)] = rule.rule
        return first

    def _missing(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> NDArray[np.object_]:
        """The required fields (n,) that each lead lacks, with commas; "" for none."""
        missing = np.full(lead_index.size, "", dtype=object)
        for field in self.agreement.required:
            if field not in self.ignored_fields:
                lacks = ~is_there(field, records, lead_index, moment)
                missing[lacks] = [f"{before}, {field}" if before else field for before in missing[lacks]]
        return missing

    def _asked_for(self, records: Records, lead_index: NDArray[np.int64], moment: Times) -> NDArray[np.object_]:
        """The newest activity (n,) that makes a candidate for sales, "" for none."""
        intent = self.agreement.sql_candidate
        if intent is None:
            return np.full(lead_index.size, "", dtype=object)
        newest = newest_of(
            records.lead_events, intent.events, lead_index, moment, within_days=intent.within_days, by_people=True
        )
        names = np.array([*intent.events, ""], dtype=object)
        return names[np.where(newest == NONE, len(intent.events), newest)]
