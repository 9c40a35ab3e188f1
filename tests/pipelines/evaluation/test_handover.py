import numpy as np
import pytest

from data_contracts.agreement import Agreement
from models.evaluation.gains import gains
from models.policy.policy import Policy
from models.policy.reference import reference_quantiles
from pipelines.evaluation.handover import Handover, handover
from tests.models.honest_leads import honest_leads

GRADES = {"by": "share", "A": 0.05, "B": 0.2, "C": 0.5}


def _handed_over(mql: dict[str, object], leads_per_week: float | None = None) -> Handover:
    scored = honest_leads()
    agreement = Agreement.model_validate({"grades": GRADES, "mql": mql})
    policy = Policy(agreement, reference_quantiles(scored.probability, leads_per_week=leads_per_week))
    return handover(scored, gains(scored), policy, seed=0)


def test_capacity_takes_as_many_of_the_best_leads_as_sales_can_contact() -> None:
    handed = _handed_over({"by": "capacity", "contacts_per_week": 30}, leads_per_week=120)
    assert handed.share == 0.25
    assert handed.rule() == "30 contacts of 120 new leads a week: the best 25%"
    assert handed.precision is not None
    assert handed.precision.low < handed.precision.value < handed.precision.high


def test_the_agreement_knows_the_leads_per_week_better_than_the_data() -> None:
    mql = {"by": "capacity", "contacts_per_week": 30, "leads_per_week": 60}
    assert _handed_over(mql, leads_per_week=120).share == 0.5


def test_more_capacity_than_leads_takes_all() -> None:
    handed = _handed_over({"by": "capacity", "contacts_per_week": 500}, leads_per_week=120)
    assert handed.share == 1.0
    assert handed.rule() == "500 contacts for 120 new leads a week: all of them"
    assert handed.found is not None
    assert handed.found.value == pytest.approx(1.0)


def test_without_dates_the_agreed_share_is_taken() -> None:
    handed = _handed_over({"by": "capacity", "contacts_per_week": 30, "share": 0.1})
    assert handed.share == 0.1
    assert "no dates" in handed.rule()


def test_a_threshold_hands_over_exactly_the_leads_above_it() -> None:
    scored = honest_leads()
    handed = _handed_over({"by": "probability", "at_least": 0.3})
    above = scored.probability >= 0.3
    assert handed.share == pytest.approx(np.average(above, weights=scored.weight))
    assert handed.precision is not None
    assert handed.precision.value == pytest.approx(scored.outcome[above].mean(), abs=1e-3)


def test_contact_pays_above_cost_by_worth() -> None:
    handed = _handed_over({"by": "value", "deal_value": 1000, "margin": 0.5, "cost_per_contact": 100})
    assert handed.share == pytest.approx((honest_leads().probability > 0.2).mean())


def test_a_threshold_that_nobody_reaches_hands_nobody_over() -> None:
    handed = _handed_over({"by": "probability", "at_least": 1.0})
    assert (handed.share, handed.precision, handed.found) == (0.0, None, None)
