"""What makes the simulated company as hard as a real one."""

import numpy as np
import pytest

from pipelines.simulation.aftermath import ALL_TYPES, OWNERS, STAGES
from pipelines.simulation.arrays import DAY, Flags, Integers
from pipelines.simulation.block import Block
from pipelines.simulation.contacts import SOURCE
from pipelines.simulation.outcomes import of_colleagues
from pipelines.simulation.prior import DRIFTING_SOURCE
from pipelines.simulation.timeline import BEGIN_SECOND, CUTOFF_SECOND, DAYS


def gather(blocks: list[Block], part: str, name: str) -> np.ndarray:
    """A column of all blocks."""
    return np.asarray(np.concatenate([getattr(getattr(block, part), name) for block in blocks]))


def won_by_the_end(blocks: list[Block]) -> Flags:
    return np.concatenate(
        [block.outcomes.won & (block.outcomes.decided_age < block.contacts.end_age) for block in blocks]
    )


def months(at: Integers) -> Integers:
    return at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def test_ten_to_fifteen_of_a_hundred_leads_are_won(blocks: list[Block]) -> None:
    assert 0.10 < won_by_the_end(blocks).mean() < 0.15


def test_leads_come_within_the_two_years(blocks: list[Block]) -> None:
    created = gather(blocks, "contacts", "created")
    assert BEGIN_SECOND <= created.min() < BEGIN_SECOND + DAY
    assert CUTOFF_SECOND - DAY < created.max() < CUTOFF_SECOND


def test_august_is_quiet_and_october_is_busy(blocks: list[Block]) -> None:
    by_month = np.bincount(months(gather(blocks, "contacts", "created")), minlength=13)[1:]
    assert by_month[9] > 1.5 * by_month[7]


def test_leads_of_autumn_are_won_more_often_than_leads_of_spring(blocks: list[Block]) -> None:
    month, chance = months(gather(blocks, "contacts", "created")), first_chance(blocks)
    assert chance[np.isin(month, (10, 11, 12))].mean() > chance[np.isin(month, (4, 5, 6))].mean() + 0.01


def first_chance(blocks: list[Block]) -> np.ndarray:
    """Chance of the class won when the lead came."""
    return np.asarray(1 / (1 + np.exp(-gather(blocks, "outcomes", "log_odds"))))


def test_the_market_and_one_channel_drift(blocks: list[Block]) -> None:
    created, chance = gather(blocks, "contacts", "created"), first_chance(blocks)
    source, first = gather(blocks, "contacts", "source"), gather(blocks, "contacts", "rank") == 0
    second_year = created >= BEGIN_SECOND + DAYS * DAY // 2
    worn = first & (source == SOURCE.code(DRIFTING_SOURCE))
    others = first & (source != SOURCE.code(DRIFTING_SOURCE))
    loss_of_worn = 1 - chance[worn & second_year].mean() / chance[worn & ~second_year].mean()
    loss_of_others = 1 - chance[others & second_year].mean() / chance[others & ~second_year].mean()
    assert loss_of_worn > loss_of_others + 0.1
    assert 0 < loss_of_others < 0.2


def test_accounts_have_several_contacts(blocks: list[Block]) -> None:
    contacts = gather(blocks, "accounts", "contacts")
    assert 0.3 < (contacts > 1).mean() < 0.5
    assert contacts.max() > 6
    assert contacts.sum() == sum(block.contacts.created.size for block in blocks)


def test_a_colleague_that_bought_before_raises_the_chance(blocks: list[Block]) -> None:
    block = blocks[0]
    who, then = block.contacts, block.outcomes
    won_at = np.where(then.won, who.created + then.decided_age, CUTOFF_SECOND)
    second = np.flatnonzero(who.rank == 1)
    bought = won_at[second - 1] < who.created[second]
    chance = 1 / (1 + np.exp(-then.log_odds[second]))
    assert chance[bought].mean() > 1.5 * chance[~bought].mean()


def test_what_an_undecided_colleague_will_become_changes_nothing(blocks: list[Block]) -> None:
    who, then = blocks[0].contacts, blocks[0].outcomes
    second = np.flatnonzero(who.rank == 1)
    undecided = who.created[second - 1] + then.decided_age[second - 1] >= who.created[second]
    otherwise = then.won.copy()
    otherwise[second[undecided] - 1] ^= True
    decided_otherwise = then.won.copy()
    decided_otherwise[second[~undecided] - 1] ^= True
    assert undecided.any()
    effect = of_colleagues(who, then.won, then.decided_age, second, 1)
    np.testing.assert_array_equal(effect, of_colleagues(who, otherwise, then.decided_age, second, 1))
    assert (effect != of_colleagues(who, decided_otherwise, then.decided_age, second, 1)).sum() == (~undecided).sum()


def test_values_are_missing_in_moderation(blocks: list[Block]) -> None:
    for name in ("seniority", "department", "title", "country", "language", "source", "plan"):
        share = (gather(blocks, "contacts", name) < 0).mean()
        assert 0.01 < share < 0.4, name
    for name in ("employees", "revenue", "founded"):
        assert 0.05 < np.isnan(gather(blocks, "accounts", name)).mean() < 0.4, name


def test_robots_click_every_link_within_seconds_whatever_the_class(blocks: list[Block]) -> None:
    shares = []
    for of_class in (True, False):
        leads = [np.flatnonzero(block.outcomes.won == of_class) for block in blocks]
        hit = [
            np.isin(each, block.events.lead[block.events.automated]) for each, block in zip(leads, blocks, strict=True)
        ]
        shares.append(np.concatenate(hit).mean())
    assert 0.03 < shares[0] < 0.2
    assert shares[0] == pytest.approx(shares[1], rel=0.25)


def test_a_part_of_the_robots_is_not_marked(blocks: list[Block]) -> None:
    click = ALL_TYPES.index("email_click")
    marked = unmarked = 0
    for block in blocks:
        events = block.events
        burst = (np.diff(events.lead, append=-1) == 0) & (np.diff(events.age, append=-99) <= 1)
        burst &= events.type == click
        marked += int((burst & events.automated).sum())
        unmarked += int((burst & ~events.automated).sum())
    assert 0.1 < unmarked / (marked + unmarked) < 0.4


def test_columns_written_after_the_outcome_give_it_away(blocks: list[Block]) -> None:
    won = won_by_the_end(blocks)
    customer = gather(blocks, "leaks", "stage") == STAGES.index("customer")
    owned = gather(blocks, "leaks", "owner") >= 0
    assert len(OWNERS) > 1
    for leak in (customer, owned, ~np.isnan(gather(blocks, "leaks", "invoice"))):
        assert leak[won].mean() > 0.95
        assert leak[~won].mean() < 0.01


def test_points_are_rewritten_when_the_lead_is_decided(blocks: list[Block]) -> None:
    block = blocks[0]
    points = block.points
    age = points.at - block.contacts.created[points.owner]
    rewritten = age == block.outcomes.decided_age[points.owner]
    for of_class, least, most in ((True, 55, 100), (False, -50, 30)):
        assert least < points.value[rewritten & (block.outcomes.won[points.owner] == of_class)].mean() < most
    before = ~rewritten
    by_class = [points.value[before & (block.outcomes.won[points.owner] == each)].mean() for each in (True, False)]
    assert by_class[0] - by_class[1] < 10  # what a contact's own columns explain


def test_activities_of_a_lead_follow_each_other_in_time(blocks: list[Block]) -> None:
    for block in blocks[:2]:
        events = block.events
        assert (np.diff(events.lead) >= 0).all()
        assert (np.diff(events.age)[np.diff(events.lead) == 0] >= 0).all()
        assert (block.contacts.created[events.lead] + events.age < CUTOFF_SECOND).all()


def test_customers_go_on_doing_things_after_they_bought(blocks: list[Block]) -> None:
    block = blocks[0]
    after = block.events.age > block.outcomes.decided_age[block.events.lead]
    buyers = block.events.lead[after & block.outcomes.won[block.events.lead]]
    assert (
        np.unique(buyers).size
        > 0.8 * (block.outcomes.won & (block.outcomes.decided_age < block.contacts.end_age)).sum()
    )


def test_about_twenty_activities_a_lead(blocks: list[Block]) -> None:
    assert 18 < np.mean([block.events.lead.size / block.contacts.created.size for block in blocks]) < 22


def test_an_open_deal_says_nothing_about_the_class(blocks: list[Block]) -> None:
    """Among leads undecided at 14 days, the won have an open deal as often as the lost."""
    shares, counts = [], []
    for of_class in (True, False):
        opened = total = 0
        for block in blocks:
            undecided = (block.outcomes.decided_age > 14 * DAY) & (block.contacts.end_age > 14 * DAY)
            leads = np.flatnonzero(undecided & (block.outcomes.won == of_class))
            early = block.deals.lead[block.deals.opened_age < 14 * DAY]
            opened, total = opened + int(np.isin(leads, early).sum()), total + leads.size
        shares.append(opened / total)
        counts.append(total)
    noise = np.sqrt(shares[1] * (1 - shares[1]) * (1 / counts[0] + 1 / counts[1]))
    assert abs(shares[0] - shares[1]) < 4 * noise
