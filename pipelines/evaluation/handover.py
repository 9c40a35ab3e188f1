"""What sales gets when marketing hands leads over by the agreement."""

from dataclasses import dataclass

from data_contracts.agreement import Capacity, Fixed, Worth
from models.evaluation.gains import Gains, precision_at
from models.evaluation.intervals import Estimate
from models.evaluation.scored import Scored
from models.policy.policy import Policy
from pipelines.pages.texts import ENGLISH, Texts


@dataclass(frozen=True)
class Handover:
    """The leads above the agreement's MQL threshold.

    ``mql`` is what the agreement says and ``leads_per_week`` how many leads come in, where that is known. ``share`` of
    the test leads lie above the threshold; ``precision`` of them buy, which are ``found`` of all buyers. ``precision``
    and ``found`` are None where no test lead lies above.
    """

    mql: Capacity | Fixed | Worth
    leads_per_week: float | None
    share: float
    precision: Estimate | None
    found: Estimate | None

    def rule(self, say: Texts = ENGLISH) -> str:
        """The threshold in words."""
        share, mql = say.percent(self.share), self.mql
        if isinstance(mql, Capacity):
            contacts = say.number(mql.contacts_per_week, 0)
            if not self.leads_per_week:
                return say("rule.undated", amount=contacts, share=share)
            key = "rule.all" if self.share >= 1 else "rule.capacity"
            return say(key, amount=contacts, arriving=say.number(self.leads_per_week, 0), share=share)
        if isinstance(mql, Fixed):
            return say("rule.fixed", amount=say.percent(mql.at_least), share=share)
        break_even = mql.cost_per_contact / (mql.deal_value * mql.margin)
        return say("rule.break_even", amount=say.percent(break_even), share=share)


def handover(scored: Scored, curve: Gains, policy: Policy, *, seed: int) -> Handover:
    """Apply the threshold of the agreement to the test leads, whatever their profile and its rules."""
    share = policy.contact_share
    if share is None:
        share = scored.mean(policy.qualifies(scored.probability))
    mql = policy.agreement.mql
    arriving = (isinstance(mql, Capacity) and mql.leads_per_week) or policy.reference.leads_per_week
    if share == 0:
        return Handover(mql, arriving, share, None, None)
    return Handover(mql, arriving, share, precision_at(scored, share, seed=seed), curve.at(share))
