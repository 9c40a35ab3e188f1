"""The agreement applied: score, grade and stage of leads whose probability is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_contracts.agreement import VERDICT, Agreement, Capacity, Fixed
from features.arrays import Floats, Times
from features.records.recent import NONE, newest_of
from features.records.records import Records
from models.policy.fields import Mask, is_there, matches
from models.policy.reference import Reference
from models.score import Grade, Stage

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")
_ROUNDING = 1e-9  # 1 - 0.2 is not the share 0.8 to the last digit


@dataclass(frozen=True)
class Placement:
    """Where n leads stand: ``score`` 0 to 100, ``grade``, ``stage`` and its reason."""

    score: Sequence[int]
    grade: Sequence[Grade]
    stage: Sequence[Stage]
    stage_reason: Sequence[str]


class ProfileAnswers(NamedTuple):
    """What one lead's profile and activities say to the agreement, each "" for nothing.

    ``rule`` is the first disqualifying rule that is true of it, ``missing`` the required fields that it lacks,
    ``asked`` the newest activity that makes a candidate for sales.
    """

    rule: str
    missing: str
    asked: str


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
        answers = map(
            ProfileAnswers,
            self._rules(records, lead_index, moment).tolist(),
            self._missing(records, lead_index, moment).tolist(),
            self._asked_for(records, lead_index, moment).tolist(),
        )
        return self.place_by_answers(answers, probability)

    def place_by_answers(self, answers: Iterable[ProfileAnswers], probability: Floats) -> Placement:
        """Place n leads by their probabilities (n,) and what their profiles say to the agreement."""
        percentile = self.reference.percentile(probability)
        enough = self._enough(probability, percentile).tolist()
        stages = [_stage(answer, able) for answer, able in zip(answers, enough, strict=True)]
        return Placement(
            score=np.rint(100 * percentile).astype(np.int64).tolist(),
            grade=self._grades(probability, percentile),
            stage=[stage for stage, _ in stages],
            stage_reason=[reason for _, reason in stages],
        )

    def grades(self, probability: Floats) -> list[Grade]:
        """Grades (n,) of probabilities."""
        return self._grades(probability, self.reference.percentile(probability))

    def qualifies(self, probability: Floats) -> Mask:
        """Whether a probability (n,) is enough for an MQL."""
        return self._enough(probability, self.reference.percentile(probability))

    def _grades(self, probability: Floats, percentile: Floats) -> list[Grade]:
        value = probability if self._by_probability else percentile
        return [self._grade(each) for each in value.tolist()]

    def _grade(self, value: float) -> Grade:
        a, b, c = self._limits
        return GRADES[0 if value >= a else 1 if value >= b else 2 if value >= c else 3]

    @property
    def _by_probability(self) -> bool:
        return self.agreement.grades.by == "probability"

    @cached_property
    def _limits(self) -> tuple[float, float, float]:
        """The least value of A, B and C."""
        limits = self.agreement.grades
        if self._by_probability:
            return limits.A, limits.B, limits.C
        return _least_percentile(limits.A), _least_percentile(limits.B), _least_percentile(limits.C)

    def _enough(self, probability: Floats, percentile: Floats) -> Mask:
        mql = self.agreement.mql
        if isinstance(mql, Capacity):
            return percentile >= _least_percentile(self.contact_share or mql.share)
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


def _stage(answers: ProfileAnswers, enough: bool) -> tuple[Stage, str]:
    """The stage of a lead and its reason; ``enough``: whether it is probable enough for an MQL."""
    if answers.rule:
        return "disqualified", answers.rule
    if answers.missing:
        return "incomplete", answers.missing
    if answers.asked:
        return "sql_candidate", answers.asked
    return ("mql" if enough else "nurture"), ""


def _least_percentile(share: float) -> float:
    """From which percentile on a lead is among the best share."""
    return 1 - share - _ROUNDING
