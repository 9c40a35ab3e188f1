"""The prior: log-odds of winning from all that is known of a lead when it comes."""

import numpy as np

from pipelines.simulation.accounts import COMPETING_PRODUCT, COUNTRY, INDUSTRY, KIND, Accounts, openings_at
from pipelines.simulation.arrays import Floats
from pipelines.simulation.contacts import CAMPAIGN, DEPARTMENT, EMAIL_KIND, PLAN, SENIORITY, SOURCE, Contacts
from pipelines.simulation.timeline import drift, season, years_since_begin

BASE = -2.4
DRIFTING_SOURCE = "paid_social"
SOURCE_DRIFT = -0.35  # a year: the channel wears out
BEST_SIZE = 2.4  # log10 of employees: companies of about 250 fit best
EARLIER_WIN, EARLIER_LOSS = 1.3, -0.35
COLLEAGUE = 0.3  # a colleague came in the quarter before


def prior_log_odds(accounts: Accounts, contacts: Contacts) -> Floats:
    """Log-odds of the class won without the history of the account, (n,)."""
    return (
        BASE
        + season(contacts.created)
        + drift(contacts.created)
        + _person(contacts)
        + _origin(contacts)
        + _company(accounts, contacts)
    )


def _person(contacts: Contacts) -> Floats:
    return np.asarray(
        SENIORITY.effect(contacts.shown_seniority)
        + DEPARTMENT.effect(contacts.shown_department)
        + EMAIL_KIND.effect(contacts.email_kind)
        + COUNTRY.effect(contacts.country)
        + np.where(contacts.phone, 0.25, -0.25)
    )


def _origin(contacts: Contacts) -> Floats:
    """Source, campaign, and the answers in the form; seats help, with less and less gain (logarithm, capped)."""
    drifting = contacts.source == SOURCE.code(DRIFTING_SOURCE)
    seats = np.where(np.isnan(contacts.seats), 0.0, 0.35 * (np.log(np.clip(contacts.seats, 1, 100)) - np.log(12)))
    return np.asarray(
        SOURCE.effect(contacts.source)
        + np.where(drifting, SOURCE_DRIFT * (years_since_begin(contacts.created) - 1), 0.0)
        + CAMPAIGN.effect(contacts.campaign)
        + PLAN.effect(contacts.plan)
        + seats
    )


def _company(accounts: Accounts, contacts: Contacts) -> Floats:
    """Industry, kind, size and growth; size has a best value, and in small companies the top decides."""
    account = contacts.account
    size = np.log10(accounts.employees[account])
    hump = np.where(np.isnan(size), -0.1, 0.35 - 0.45 * (size - BEST_SIZE) ** 2).clip(-1.2)
    chief_of_small = (contacts.shown_seniority == SENIORITY.code("c_level")) & (size < np.log10(50))
    junior_of_large = (contacts.shown_seniority == SENIORITY.code("junior")) & (size > 3)
    openings = openings_at(accounts, account, contacts.created)
    hiring = np.where(np.isnan(openings), 0.0, 0.2 * (np.log1p(np.clip(openings, 0, 40)) - 1.5))
    return np.asarray(
        INDUSTRY.effect(accounts.industry[account])
        + KIND.effect(accounts.kind[account])
        + COMPETING_PRODUCT.effect(accounts.competing_product[account])
        + hump
        + hiring
        + 0.6 * chief_of_small
        - 0.4 * junior_of_large
    )
