"""Contacts: the people behind the leads, as the company knows them when the lead comes."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.accounts import COUNTRY, Accounts
from pipelines.simulation.arrays import DAY, Flags, Floats, Integers
from pipelines.simulation.levels import COMPANY, forget, levels, pick
from pipelines.simulation.timeline import CUTOFF_SECOND, draw_creation

SENIORITY = levels("seniority")
DEPARTMENT = levels("department")
TITLE_MISSING = 0.1
SOURCE = levels("source")
# The channel is known from the source, and a third of the leads names a campaign.
CHANNEL_OF_SOURCE = ("search", "search", "social", "content", "event", "outbound", "referral", "partner")
CAMPAIGN = levels("campaign")
EMAIL_KIND = levels("email_kind")
EMAIL_SHARES_WITHOUT_COMPANY = np.array([0.0, 0.72, 0.12, 0.08, 0.08])
PLAN = levels("plan")
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl")


@dataclass(frozen=True)
class Contacts:
    """n leads, those of an account together in the order of their creation; categories are codes, -1 missing.

    ``seniority`` and ``department`` are what the columns of these names say, ``title`` is department x seniority;
    ``shown_seniority`` and ``shown_department`` are what either the column or the title reveals.
    """

    account: Integers
    rank: Integers
    created: Integers
    seniority: Integers
    department: Integers
    title: Integers
    shown_seniority: Integers
    shown_department: Integers
    country: Integers
    language: Integers
    source: Integers
    channel: Integers
    campaign: Integers
    email_kind: Integers
    plan: Integers
    seats: Floats
    phone: Flags
    social: Flags

    @property
    def end_age(self) -> Integers:
        """Age of each lead in seconds when the data end."""
        return CUTOFF_SECOND - self.created


def titles() -> tuple[str, ...]:
    """All job titles in the order of their codes."""
    chiefs, others = COMPANY["chief_titles"], COMPANY["titles"]
    return tuple(
        chiefs[department] if seniority == "c_level" else others[seniority].format(department)
        for department in DEPARTMENT.names
        for seniority in SENIORITY.names
    )


def draw_contacts(rng: np.random.Generator, accounts: Accounts) -> Contacts:
    """The contacts of the accounts."""
    account = np.repeat(np.arange(accounts.contacts.size), accounts.contacts)
    first = np.cumsum(accounts.contacts) - accounts.contacts
    rank = np.arange(account.size) - first[account]
    named = accounts.named[account]
    seniority, department = SENIORITY.draw(rng, account.size), DEPARTMENT.draw(rng, account.size)
    title = forget(rng, department * len(SENIORITY.names) + seniority, TITLE_MISSING)
    said_seniority = forget(rng, seniority, SENIORITY.missing_share)
    said_department = forget(rng, department, DEPARTMENT.missing_share)
    abroad = rng.random(account.size) < 0.1
    country = np.where(abroad, rng.integers(0, len(COUNTRY.names), account.size), accounts.country[account])
    source = SOURCE.draw(rng, account.size)
    return Contacts(
        account=account,
        rank=rank,
        created=_creation(rng, account, first),
        seniority=said_seniority,
        department=said_department,
        title=title,
        shown_seniority=np.where(title >= 0, seniority, said_seniority),
        shown_department=np.where(title >= 0, department, said_department),
        country=forget(rng, country, 0.05),
        language=_language(rng, country),
        source=forget(rng, source, SOURCE.missing_share),
        channel=forget(rng, source, 0.02),
        campaign=CAMPAIGN.draw_known(rng, account.size),
        email_kind=_email_kind(rng, named),
        plan=PLAN.draw_known(rng, account.size),
        seats=_seats(rng, account.size),
        phone=rng.random(account.size) < 0.55,
        social=rng.random(account.size) < 0.35,
    )


def _creation(rng: np.random.Generator, account: Integers, first: Integers) -> Integers:
    """Half of the later contacts of an account come within weeks of the first, the others at any time."""
    created = draw_creation(rng, account.size)
    soon = created[first][account] + (rng.exponential(45 * DAY, account.size)).astype(np.int64)
    follows = (rng.random(account.size) < 0.5) & (soon < CUTOFF_SECOND)
    follows[first] = False
    created = np.where(follows, soon, created)
    return created[np.lexsort((created, account))]


def _language(rng: np.random.Generator, country: Integers) -> Integers:
    spoken = np.array([LANGUAGES.index(COMPANY["countries"][code]["language"]) for code in COUNTRY.names])[country]
    english = rng.random(country.size) < 0.15
    return forget(rng, np.where(english, LANGUAGES.index("en"), spoken), 0.1)


def _email_kind(rng: np.random.Generator, named: Flags) -> Integers:
    without = pick(rng, EMAIL_SHARES_WITHOUT_COMPANY, named.size)
    return np.where(named, EMAIL_KIND.draw(rng, named.size), without)


def _seats(rng: np.random.Generator, size: int) -> Floats:
    """Seats asked for in the form, whole numbers, NaN where the field was left empty."""
    seats = np.round(np.exp(rng.normal(np.log(12), 1.1, size))).clip(1, 5000)
    return forget(rng, seats, 0.35)
