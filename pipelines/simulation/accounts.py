"""Accounts: the companies that leads work for."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.arrays import DAY, Flags, Floats, Integers
from pipelines.simulation.levels import MISSING, forget, levels
from pipelines.simulation.timeline import BEGIN_SECOND, DAYS

INDUSTRY = levels("industry")
KIND = levels("kind")
COMPETING_PRODUCT = levels("competing_product")
COUNTRY = levels("country")
GATEWAY_SHARE = 0.2  # companies whose mail gateway opens and clicks every link
NO_COMPANY_SHARE = 0.15  # of the leads without a colleague: they name no company
MAX_CONTACTS = 12


@dataclass(frozen=True)
class Accounts:
    """k companies; categories are codes, missing numbers NaN.

    ``openings`` are the positions that the company advertises at the beginning, ``later_openings`` those from
    ``openings_changed`` on: whoever uses the latest number for an earlier moment learns something else. ``named`` is
    false for the stand-in of a lead without company.
    """

    contacts: Integers
    named: Flags
    industry: Integers
    kind: Integers
    competing_product: Integers
    country: Integers
    employees: Floats
    revenue: Floats
    founded: Floats
    openings: Floats
    later_openings: Floats
    openings_changed: Integers
    gateway: Flags


def draw_accounts(rng: np.random.Generator, leads: int) -> Accounts:
    """Companies that together have exactly so many contacts."""
    contacts = draw_contacts_per_account(rng, leads)
    size = contacts.size
    named = (rng.random(size) >= NO_COMPANY_SHARE) | (contacts > 1)
    employees = np.round(np.exp(rng.normal(np.log(180), 1.7, size))).clip(2, 250_000)
    revenue = np.round(employees * np.exp(rng.normal(np.log(140), 0.6, size)), -1)  # in thousands
    openings = np.where(named & (rng.random(size) < 0.8), np.floor(rng.gamma(0.8, 8, size)), np.nan)
    founded = 2022 - np.round(rng.gamma(1.6, 14, size)).clip(0, 150)
    return Accounts(
        contacts=contacts,
        named=named,
        industry=np.where(named, INDUSTRY.draw_known(rng, size), MISSING),
        kind=np.where(named, KIND.draw(rng, size), MISSING),
        competing_product=np.where(named, COMPETING_PRODUCT.draw_known(rng, size), MISSING),
        country=COUNTRY.draw(rng, size),
        employees=forget(rng, np.where(named, employees, np.nan), 0.1),
        revenue=forget(rng, np.where(named, revenue, np.nan), 0.2),
        founded=forget(rng, np.where(named, founded, np.nan), 0.12),
        openings=openings,
        later_openings=np.floor(openings * np.exp(rng.normal(0.2, 1.0, size))),
        openings_changed=BEGIN_SECOND + rng.integers(0, DAYS * DAY, size),
        gateway=named & (rng.random(size) < GATEWAY_SHARE),
    )


def draw_contacts_per_account(rng: np.random.Generator, leads: int) -> Integers:
    """Contacts of each account, (k,), adding up to the number of leads: 60 % have one, the rest a buying centre."""
    more = np.where(rng.random(leads) < 0.6, 0, rng.geometric(0.5, leads))
    contacts = (1 + more).clip(max=MAX_CONTACTS).astype(np.int64)
    total = np.cumsum(contacts)
    last = int(np.searchsorted(total, leads))
    contacts = contacts[: last + 1]
    contacts[last] -= total[last] - leads
    return contacts


def openings_at(accounts: Accounts, account: Integers, at: Integers) -> Floats:
    """Advertised positions of the accounts as known at moments, (n,), NaN where unknown."""
    later = at > accounts.openings_changed[account]
    return np.where(later, accounts.later_openings[account], accounts.openings[account])
