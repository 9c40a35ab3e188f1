"""A block: leads that are simulated together, with their companies and everything that happened."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.accounts import Accounts, draw_accounts
from pipelines.simulation.aftermath import ALL_TYPES, Leaks, draw_after_events, draw_leaks
from pipelines.simulation.arrays import Integers
from pipelines.simulation.behaviour import Events, draw_behaviour
from pipelines.simulation.contacts import EMAIL_KIND, SOURCE, Contacts, draw_contacts
from pipelines.simulation.deals import Deals, draw_deals
from pipelines.simulation.history import Changes, draw_points, openings_changes
from pipelines.simulation.outcomes import Outcomes, draw_outcomes
from pipelines.simulation.prior import prior_log_odds
from pipelines.simulation.robots import draw_robots
from pipelines.simulation.sales import Reports, draw_reports
from pipelines.simulation.truth import Truth, true_probabilities

BLOCK_LEADS = 10_000
INBOUND = tuple(SOURCE.code(name) for name in ("organic_search", "paid_search", "paid_social", "content_syndication"))


@dataclass(frozen=True)
class Block:
    """One block; rows of leads and accounts count from 0 within it."""

    number: int
    accounts: Accounts
    contacts: Contacts
    outcomes: Outcomes
    events: Events
    deals: Deals
    reports: Reports
    leaks: Leaks
    points: Changes
    openings: Changes
    truth: Truth


def draw_block(seed: int, number: int) -> Block:
    """The block of this number; the same for a seed however many leads are asked for."""
    rng = np.random.default_rng([seed, number])
    accounts = draw_accounts(rng, BLOCK_LEADS)
    contacts = draw_contacts(rng, accounts)
    outcomes = draw_outcomes(rng, contacts, prior_log_odds(accounts, contacts))
    end_age = contacts.end_age
    until = np.minimum(outcomes.decided_age, end_age)
    human = draw_behaviour(rng, outcomes.won, until)
    reports = draw_reports(rng, outcomes.won, until)
    decided = outcomes.decided_age < end_age
    return Block(
        number=number,
        accounts=accounts,
        contacts=contacts,
        outcomes=outcomes,
        events=_everything(rng, human, accounts, contacts, outcomes, until),
        deals=draw_deals(rng, outcomes, end_age),
        reports=reports,
        leaks=draw_leaks(rng, outcomes.won & decided, ~outcomes.won & decided),
        points=draw_points(rng, contacts, outcomes),
        openings=openings_changes(accounts),
        truth=true_probabilities(contacts.created, outcomes, human, reports),
    )


def _everything(
    rng: np.random.Generator, human: Events, accounts: Accounts, contacts: Contacts, outcomes: Outcomes, until: Integers
) -> Events:
    """What the person did, the form that brought the lead, robots, and what came after the decision; in order."""
    guarded = accounts.gateway[contacts.account] & (contacts.email_kind == EMAIL_KIND.code("business"))
    robots = draw_robots(rng, guarded, until)
    parts = (
        human,
        _forms(contacts),
        robots.take(robots.age < contacts.end_age[robots.lead]),
        draw_after_events(rng, outcomes.won, outcomes.decided_age, contacts.end_age),
    )
    events = Events.joined(parts)
    return events.take(np.lexsort((events.type, events.age, events.lead)))


def _forms(contacts: Contacts) -> Events:
    """Inbound leads come by a form, at the second of their creation."""
    lead = np.flatnonzero(np.isin(contacts.source, INBOUND))
    kind = np.full(lead.size, ALL_TYPES.index("form_submit"), dtype=np.int64)
    return Events(lead, np.zeros_like(lead), kind, np.zeros(lead.size, dtype=np.bool_))
