"""The agreement applied: score, grade and stage of leads whose probability is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import get_args

from data_contracts.agreement import VERDICT, Agreement, Capacity, Fixed
from features.arrays import Flags, Floats
from models.policy.fields import Leads, is_true, lacks
from models.policy.reference import Reference
from models.score import Grade, Stage

GRADES: tuple[Grade, ...] = get_args(Grade)
_ROUNDING = 1e-9  # 1 - 0.2 is not the share 0.8 to the last digit


@dataclass(frozen=True)
class Placement:
    """Where n leads stand: ``score`` 0 to 100, ``grade``, ``stage`` and its reason."""

    score: Sequence[int]
    grade: Sequence[Grade]
    stage: Sequence[Stage]
    stage_reason: Sequence[str]


@dataclass(frozen=True)
class Policy:
    """An agreement, and the recent leads that shares and capacity are counted in.

    Rules and required fields that name a column without any value in the whole data set are left out: they would
    disqualify everybody or nobody. ``warnings`` names them.

    >>> import numpy as np
    >>> from data_contracts.agreement import load_agreement
    >>> from features.records.live_lead import LiveLead
    >>> from models.policy.fields import LiveLeads
    >>> from models.policy.reference import reference_quantiles
    >>> policy = Policy(load_agreement(), reference_quantiles(np.linspace(0, 1, 101)))
    >>> leads = LiveLeads([LiveLead(as_of=0, lead={"email_kind": "business"}), LiveLead(as_of=0)])
    >>> policy.place(leads, np.array([0.99, 0.42]))
    Placement(score=[99, 42], grade=['A', 'D'], stage=['mql', 'incomplete'], stage_reason=['', 'email_kind'])
    """

    agreement: Agreement
    reference: Reference

    def place(self, leads: Leads, probability: Floats) -> Placement:
        """Place leads (n,) by their probabilities."""
        percentile = self.reference.percentile(probability)
        enough, percentiles = self._enough(probability, percentile).tolist(), percentile.tolist()
        stages = list(map(_stage, self._rules(leads), self._missing(leads), self._asked(leads), enough))
        return Placement(
            score=[round(100 * each) for each in percentiles],
            grade=[self._grade(each) for each in (probability.tolist() if self._by_probability else percentiles)],
            stage=[stage for stage, _ in stages],
            stage_reason=[reason for _, reason in stages],
        )

    def qualifies(self, probability: Floats) -> Flags:
        """Whether a probability (n,) is enough for an MQL."""
        return self._enough(probability, self.reference.percentile(probability))

    def _grade(self, value: float) -> Grade:
        a, b, c = self._limits
        return GRADES[0 if value >= a else 1 if value >= b else 2 if value >= c else 3]

    @property
    def _by_probability(self) -> bool:
        return self.agreement.grades.by == "probability"

    @cached_property
    def _limits(self) -> tuple[float, float, float]:
        """The lowest value of A, B and C."""
        limits = self.agreement.grades
        if self._by_probability:
            return limits.A, limits.B, limits.C
        return _min_percentile(limits.A), _min_percentile(limits.B), _min_percentile(limits.C)

    def _enough(self, probability: Floats, percentile: Floats) -> Flags:
        mql = self.agreement.mql
        if isinstance(mql, Capacity):
            return percentile >= _min_percentile(self.contact_share or mql.share)
        if isinstance(mql, Fixed):
            return probability >= mql.at_least
        return probability * mql.deal_value * mql.margin > mql.cost_per_contact

    @cached_property
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

    def _rules(self, leads: Leads) -> list[str]:
        """The first disqualifying rule (n,) that is true of each lead, "" for none."""
        first = [""] * len(leads)
        for rule in self.agreement.disqualify:
            if rule.field == VERDICT or rule.field not in self.ignored_fields:
                for lead in leads.which(rule.field, partial(is_true, rule)):
                    first[lead] = first[lead] or rule.name
        return first

    def _missing(self, leads: Leads) -> list[str]:
        """The required fields (n,) that each lead lacks, with commas; "" for none."""
        missing = [""] * len(leads)
        for field in self.agreement.required:
            if field not in self.ignored_fields:
                for lead in leads.which(field, partial(lacks, field)):
                    missing[lead] = f"{missing[lead]}, {field}" if missing[lead] else field
        return missing

    def _asked(self, leads: Leads) -> list[str]:
        """The newest activity (n,) that makes a candidate for sales, "" for none."""
        intent = self.agreement.sql_candidate
        return [""] * len(leads) if intent is None else leads.newest(intent.events, intent.within_days)


def _stage(rule: str, missing: str, asked: str, enough: bool) -> tuple[Stage, str]:
    """The stage of a lead and its reason; ``enough``: whether it is probable enough for an MQL."""
    if rule:
        return "disqualified", rule
    if missing:
        return "incomplete", missing
    if asked:
        return "sql_candidate", asked
    return ("mql" if enough else "nurture"), ""


def _min_percentile(share: float) -> float:
    """From which percentile on a lead is among the best share."""
    return 1 - share - _ROUNDING
