"""A block: leads that are simulated together, with their companies and everything that happened."""

from dataclasses import dataclass, replace

import numpy as np

from pipelines.simulation.accounts import Accounts, draw_accounts
from pipelines.simulation.aftermath import ALL_TYPES, Leaks, draw_after_events, draw_leaks
from pipelines.simulation.arrays import Flags, Integers
from pipelines.simulation.behaviour import TRACKED, Events, draw_behaviour
from pipelines.simulation.contacts import EMAIL_KIND, SOURCE, Contacts, draw_contacts
from pipelines.simulation.deals import Deals, draw_deals
from pipelines.simulation.history import Changes, draw_points, openings_changes
from pipelines.simulation.mail import MailEvents, MailTraffic, draw_mail_events
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
    tracked: Flags  # (n,), whether the lead consented to tracking
    deals: Deals
    reports: Reports
    leaks: Leaks
    points: Changes
    openings: Changes
    truth: Truth


def draw_block(seed: int, number: int, traffic: MailTraffic | None = None) -> Block:
    """The block of this number; the same for a seed however many leads are asked for.

    With mail traffic its events are MailEvents; everything else is as without.
    """
    rng = np.random.default_rng([seed, number])
    accounts = draw_accounts(rng, BLOCK_LEADS)
    contacts = draw_contacts(rng, accounts)
    outcomes = draw_outcomes(rng, contacts, prior_log_odds(accounts, contacts))
    end_age = contacts.end_age
    until = np.minimum(outcomes.decided_age, end_age)
    human = draw_behaviour(rng, outcomes.won, until)
    reports = draw_reports(rng, outcomes.won, until)
    of_mail = np.random.default_rng([seed, number, 2])
    tracked = of_mail.random(BLOCK_LEADS) >= (0.0 if traffic is None else traffic.untracked)
    human = human.take(tracked[human.lead] | ~np.isin(human.type, TRACKED))
    events = _everything(rng, human, accounts, contacts, outcomes, until)
    if traffic is not None:
        events = _with_mail(of_mail, traffic, human, events, contacts, until, tracked)
    decided = outcomes.decided_age < end_age
    return Block(
        number=number,
        accounts=accounts,
        contacts=contacts,
        outcomes=outcomes,
        events=events,
        tracked=tracked,
        deals=draw_deals(rng, outcomes, end_age),
        reports=reports,
        leaks=draw_leaks(rng, outcomes.won & decided, ~outcomes.won & decided),
        points=draw_points(rng, contacts, outcomes),
        openings=openings_changes(accounts),
        truth=true_probabilities(contacts.created, outcomes, human, reports, tracked),
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


def _with_mail(
    rng: np.random.Generator, traffic: MailTraffic, human: Events, events: Events, contacts: Contacts, until: Integers,
    tracked: Flags,
) -> MailEvents:  # fmt: skip
    """The same company with mails: what people and machines do with them in place of the robots' bursts."""
    business = contacts.email_kind == EMAIL_KIND.code("business")
    mail = draw_mail_events(rng, traffic, human, contacts.account, business, until)
    mail = mail.take(tracked[mail.lead] | ~np.isin(mail.type, TRACKED))
    mail = replace(mail, age=_coarse(mail, contacts.created, traffic.resolution))
    after = (events.age >= until[events.lead]) & (tracked[events.lead] | ~np.isin(events.type, TRACKED))
    forms = (events.age == 0) & (events.type == ALL_TYPES.index("form_submit"))
    joined = MailEvents.joined([mail, MailEvents.without_mail(events.take(after | forms))])
    return joined.take(np.lexsort((joined.type, joined.age, joined.lead)))


def _coarse(mail: MailEvents, created: Integers, resolution: int) -> Integers:
    """Ages at which times of mails are cut to so many seconds; nothing comes before the lead."""
    at = created[mail.lead] + mail.age
    cut = np.maximum(at // resolution * resolution - created[mail.lead], 0)
    return np.where(mail.message >= 0, cut, mail.age)


def _forms(contacts: Contacts) -> Events:
    """Inbound leads come by a form, at the second of their creation."""
    lead = np.flatnonzero(np.isin(contacts.source, INBOUND))
    kind = np.full(lead.size, ALL_TYPES.index("form_submit"), dtype=np.int64)
    return Events(lead, np.zeros_like(lead), kind, np.zeros(lead.size, dtype=np.bool_))
