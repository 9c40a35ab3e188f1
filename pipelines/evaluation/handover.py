"""What sales gets when marketing hands leads over by the agreement."""

from dataclasses import dataclass

from data_contracts.agreement import Capacity, Fixed
from models.evaluation.gains import Gains, precision_at
from models.evaluation.intervals import Estimate
from models.evaluation.scored import Scored
from models.policy.policy import Policy
from pipelines.pages.numbers import percent


@dataclass(frozen=True)
class Handover:
    """The leads above the agreement's MQL threshold.

    ``rule`` says the threshold in words; ``share`` of the test leads lie above it; ``precision`` of them buy, which are
    ``found`` of all buyers. ``precision`` and ``found`` are None where no test lead lies above.
    """

    rule: str
    share: float
    precision: Estimate | None
    found: Estimate | None


def handover(scored: Scored, curve: Gains, policy: Policy, *, seed: int) -> Handover:
    """Apply the threshold of the agreement to the test leads, whatever their profile and its rules."""
    share = policy.contact_share
    if share is None:
        share = scored.mean(policy.qualifies(scored.probability))
    rule = _rule(policy, share)
    if share == 0:
        return Handover(rule, share, None, None)
    return Handover(rule, share, precision_at(scored, share, seed=seed), curve.at(share))


def _rule(policy: Policy, share: float) -> str:
    mql = policy.agreement.mql
    if isinstance(mql, Capacity):
        contacts = f"{mql.contacts_per_week:g} contacts a week"
        arriving = mql.leads_per_week or policy.reference.leads_per_week
        if not arriving:
            return f"{contacts}; the data have no dates, so the best {percent(share)} of the leads"
        return f"{contacts} of {arriving:,.0f} leads a week: the best {percent(share)}"
    if isinstance(mql, Fixed):
        return f"every lead of at least {percent(mql.at_least)} probability: {percent(share)} of the leads"
    break_even = mql.cost_per_contact / (mql.deal_value * mql.margin)
    return f"every lead worth contacting, above {percent(break_even)} probability: {percent(share)} of the leads"
