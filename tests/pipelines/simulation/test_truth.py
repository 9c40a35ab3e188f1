from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from pipelines.simulation.arrays import DAY, Flags, Floats
from pipelines.simulation.behaviour import NAMES, Events
from pipelines.simulation.block import Block
from pipelines.simulation.contacts import SOURCE
from pipelines.simulation.outcomes import LOST_DELAY, WON_DELAY, Delay
from pipelines.simulation.sales import VERDICTS, Reports
from pipelines.simulation.timeline import CUTOFF_SECOND
from pipelines.simulation.truth import AGES_DAYS, HORIZON_DAYS, probability, true_probabilities

BINS = 20


def truth_and_outcome(blocks: list[Block], age_days: float) -> tuple[Floats, Flags]:
    """True probabilities at an age, and whether the lead was won within the horizon (known to the simulation even
    where the data end before)."""
    chances, outcomes = [], []
    for block in blocks:
        chosen = block.truth.age_days == age_days
        lead = block.truth.lead[chosen]
        decided = block.outcomes.decided_age[lead]
        chances.append(block.truth.probability[chosen])
        outcomes.append(block.outcomes.won[lead] & (decided < (age_days + HORIZON_DAYS) * DAY))
    return np.concatenate(chances), np.concatenate(outcomes)


def pooled_auc(chance: Floats, won: Flags) -> float:
    ranks = np.empty(chance.size)
    ranks[np.argsort(chance)] = np.arange(1, chance.size + 1)
    wins = int(won.sum())
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * (won.size - wins)))


@pytest.mark.parametrize("age_days", AGES_DAYS)
def test_of_leads_with_a_true_probability_that_share_is_won(blocks: list[Block], age_days: float) -> None:
    chance, won = truth_and_outcome(blocks, age_days)
    bins = np.searchsorted(np.quantile(chance, np.linspace(0, 1, BINS + 1)[1:-1]), chance)
    surplus = np.bincount(bins, won - chance) / np.sqrt(np.bincount(bins, chance * (1 - chance)))
    # Standard normal in each bin if the truth is true: a sum of squares above 52 has a chance of 1 in 10,000.
    assert np.abs(surplus).max() < 4.2
    assert (surplus**2).sum() < 52


def surplus_of(blocks: list[Block], age_days: float, seen_by: Callable[[Block], Flags]) -> float:
    """Wins beyond the truth among the leads of a group, in standard deviations."""
    wins = expected = variance = 0.0
    for block in blocks:
        chosen = (block.truth.age_days == age_days) & seen_by(block)[block.truth.lead]
        lead, chance = block.truth.lead[chosen], block.truth.probability[chosen]
        decided = block.outcomes.decided_age[lead]
        wins += float((block.outcomes.won[lead] & (decided < (age_days + HORIZON_DAYS) * DAY)).sum())
        expected, variance = expected + float(chance.sum()), variance + float((chance * (1 - chance)).sum())
    assert expected > 15  # enough for a normal approximation
    return (wins - expected) / float(np.sqrt(variance))


def did(name: str) -> Callable[[Block], Flags]:
    """Leads that did something in their first week."""

    def seen_by(block: Block) -> Flags:
        events = block.events
        chosen = (events.type == NAMES.index(name)) & (events.age < 7 * DAY) & ~events.automated
        return np.bincount(events.lead[chosen], minlength=block.contacts.created.size) > 0

    return seen_by


def reported(verdict: int) -> Callable[[Block], Flags]:
    """Leads of which sales said something in their first week."""

    def seen_by(block: Block) -> Flags:
        reports = block.reports
        chosen = (reports.verdict == verdict) & (reports.age < 7 * DAY)
        return np.bincount(reports.lead[chosen], minlength=block.contacts.created.size) > 0

    return seen_by


GROUPS: dict[str, Callable[[Block], Flags]] = {
    "asked for a demo": did("demo_request"),
    "looked at prices": did("pricing_view"),
    "unsubscribed": did("unsubscribe"),
    "browsed": did("page_view"),
    "ready in the eyes of sales": reported(VERDICTS.index("ready")),
    "suspect in the eyes of sales": reported(VERDICTS.index("suspect")),
    "a colleague": lambda block: block.contacts.rank > 0,
    "came by referral": lambda block: block.contacts.source == SOURCE.code("referral"),
    "size unknown": lambda block: np.isnan(block.accounts.employees[block.contacts.account]),
    "behind a gateway": lambda block: block.accounts.gateway[block.contacts.account],
    "came in the last half year": lambda block: block.contacts.created > CUTOFF_SECOND - 182 * DAY,
}


@pytest.mark.parametrize("group", GROUPS)
def test_the_truth_holds_in_every_group_that_can_be_told_apart(blocks: list[Block], group: str) -> None:
    """A truth that left out what the group is told by would be right on average, but not here."""
    for age_days in (7.0, 14.0, 30.0):
        assert abs(surplus_of(blocks, age_days, GROUPS[group])) < 4.2


def test_nothing_at_or_after_a_snapshot_changes_its_truth(blocks: list[Block]) -> None:
    block = blocks[0]
    events, reports = block.events, block.reports
    human = ~events.automated & (events.type < len(NAMES)) & (events.age < block.outcomes.decided_age[events.lead])
    for age in AGES_DAYS:
        before = human & (events.age < age * DAY)
        told = reports.age < age * DAY
        early = Events(*(getattr(events, field.name)[before] for field in fields(Events)))
        said = Reports(*(getattr(reports, field.name)[told] for field in fields(Reports)))
        every = Events(*(getattr(events, field.name)[human] for field in fields(Events)))
        then = true_probabilities(block.contacts.created, block.outcomes, early, said)
        now = true_probabilities(block.contacts.created, block.outcomes, every, reports)
        np.testing.assert_array_equal(then.probability[then.age_days == age], now.probability[now.age_days == age])


def test_the_truth_separates_well_but_not_wholly(blocks: list[Block]) -> None:
    parts = [truth_and_outcome(blocks, age) for age in AGES_DAYS]
    chance, won = (np.concatenate(column) for column in zip(*parts, strict=True))
    assert 0.82 < pooled_auc(chance, won) < 0.88
    assert pooled_auc(*parts[0]) < pooled_auc(*parts[2]) < pooled_auc(*parts[4])


def test_snapshots_are_of_undecided_leads_until_the_data_end(blocks: list[Block]) -> None:
    for block in blocks[:2]:
        lead, age = block.truth.lead, (block.truth.age_days * DAY).astype(np.int64)
        assert (block.outcomes.decided_age[lead] >= age).all()
        assert (block.truth.at == block.contacts.created[lead] + age).all()
        assert block.truth.at.max() <= CUTOFF_SECOND
        left_out = block.contacts.created.size * len(AGES_DAYS) - lead.size
        decided = sum(int((block.outcomes.decided_age < age * DAY).sum()) for age in AGES_DAYS)
        ended = sum(
            int(((block.outcomes.decided_age >= age * DAY) & (block.contacts.end_age < age * DAY)).sum())
            for age in AGES_DAYS
        )
        assert left_out == decided + ended


def test_time_that_passes_undecided_speaks_for_the_class_that_takes_longer() -> None:
    even = np.zeros(1)
    wins, losses = 1 - WON_DELAY.decided(30.0), 1 - LOST_DELAY.decided(30.0)
    expected = wins / (wins + losses) * (1 - (1 - WON_DELAY.decided(120.0)) / wins)
    assert probability(even, 30.0)[0] == pytest.approx(float(expected))


@pytest.mark.parametrize("delay", [WON_DELAY, LOST_DELAY])
def test_delays_follow_their_distribution(delay: Delay) -> None:
    ages = delay.draw(np.random.default_rng(2), 100_000)
    for days in (1.0, 10.0, 50.0, 90.0, 300.0):
        share = float(delay.decided(days))
        assert (ages < days * DAY).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / ages.size))


def test_some_outcomes_come_later_than_the_horizon() -> None:
    assert 0.08 < 1 - float(WON_DELAY.decided(HORIZON_DAYS)) < 0.2
