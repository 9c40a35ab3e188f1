"""The export: one block as the Arrow tables of a CRM's files."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation import aftermath, deals, sales
from pipelines.simulation.accounts import COMPETING_PRODUCT, COUNTRY, INDUSTRY, KIND
from pipelines.simulation.arrays import NEVER, Floats, Integers
from pipelines.simulation.behaviour import TYPES
from pipelines.simulation.block import Block
from pipelines.simulation.cells import account_ids, dirty, lead_ids, numbered, numbers, times
from pipelines.simulation.contacts import (
    CAMPAIGN,
    CHANNEL_OF_SOURCE,
    DEPARTMENT,
    LANGUAGES,
    PLAN,
    SENIORITY,
    SOURCE,
    titles,
)
from pipelines.simulation.history import Changes, latest
from pipelines.simulation.levels import COMPANY
from pipelines.simulation.mail import DELIVERY, MAIL_TYPES, UNSUBSCRIBE_LINK, MailEvents, MailTraffic
from pipelines.simulation.people import company_domains, company_names, draw_people, named, where

TYPE_CHANNELS = (*(each.channel for each in TYPES.values()), *aftermath.AFTER_CHANNELS, "email")
AUTOMATED = "truth/automated"
VALUED = {"page_view": (3.5, 1.0), "webinar": (6.5, 0.8), "quote_request": (9.0, 0.6)}  # log mean, log deviation


def tables(block: Block, seed: int, traffic: MailTraffic | None = None) -> dict[str, pa.Table]:
    """All files of the export by their name without ending; the random numbers here touch only their looks.

    With mail traffic the export does not say which activities were automated: that is part of the truth.
    """
    rng = np.random.default_rng([seed, block.number, 1])
    files = {
        "contacts": contacts_table(block, rng),
        "companies": companies_table(block, rng),
        "activities": activities_table(block, rng),
        "deals": deals_table(block),
        "dispositions": dispositions_table(block),
        "changes": changes_table(block),
        "truth/probabilities": truth_table(block),
    }
    return files if traffic is None else _of_mails(files, block, traffic)


def contacts_table(block: Block, rng: np.random.Generator) -> pa.Table:
    """Contacts with personal data, what is known on arrival, and the columns written later."""
    who, leaks = block.contacts, block.leaks
    account = numbered(block, who.account)
    people = draw_people(rng, who, numbered(block, np.arange(who.account.size)), company_domains(account))
    return pa.table(
        {
            "contact_id": lead_ids(block, np.arange(who.account.size)),
            "company_id": account_ids(block, who.account),
            "created_at": times(who.created),
            **people,
            "job_title": named(titles(), who.title),
            "seniority": named(SENIORITY.names, who.seniority),
            "department": dirty(rng, DEPARTMENT.names, who.department, str.lower),
            "country": dirty(rng, COUNTRY.names, who.country, _country_name),
            "language": named(LANGUAGES, who.language),
            "lead_source": dirty(rng, SOURCE.names, who.source, _as_typed),
            "channel": named(CHANNEL_OF_SOURCE, who.channel),
            "campaign": named(CAMPAIGN.names, who.campaign),
            "seats_wanted": numbers(who.seats),
            "plan_of_interest": named(PLAN.names, who.plan),
            "crm_points": numbers(latest(block.points, who.account.size)),
            "lifecycle_stage": named(aftermath.STAGES, leaks.stage),
            "onboarding_owner": named(aftermath.OWNERS, leaks.owner),
            "last_note_code": named(aftermath.NOTES, leaks.note),
            "first_invoice_amount": numbers(leaks.invoice),
        }
    )


def companies_table(block: Block, rng: np.random.Generator) -> pa.Table:
    """Companies; the openings are the latest number, their history is in changes."""
    firms = block.accounts
    kept = np.flatnonzero(firms.named)
    openings = latest(block.openings, firms.named.size)
    number = numbered(block, kept)
    return pa.table(
        {
            "company_id": account_ids(block, kept),
            "name": company_names(number),
            "domain": company_domains(number),
            "industry": dirty(rng, INDUSTRY.names, firms.industry[kept], str.upper),
            "employees": numbers(firms.employees[kept]),
            "annual_revenue": numbers(firms.revenue[kept] * 1000),
            "founded_year": numbers(firms.founded[kept]),
            "country": named(COUNTRY.names, firms.country[kept]),
            "kind": named(KIND.names, firms.kind[kept]),
            "competing_product": named(COMPETING_PRODUCT.names, firms.competing_product[kept]),
            "job_openings": numbers(openings[kept]),
        }
    )


def activities_table(block: Block, rng: np.random.Generator) -> pa.Table:
    """Activities in the order of time within the block."""
    events = block.events
    number = np.arange(events.lead.size) - np.searchsorted(events.lead, events.lead)  # of the lead's, from 0
    at = block.contacts.created[events.lead] + events.age
    mail = events if isinstance(events, MailEvents) else None
    campaign = np.where((np.array(TYPE_CHANNELS) == "email")[events.type], rng.integers(0, 5, at.size), -1)
    columns = {
        "activity_id": pa.array(numbered(block, events.lead) * 100_000 + number),
        "contact_id": lead_ids(block, events.lead),
        "occurred_at": times(at),
        "type": named(MAIL_TYPES, events.type),
        "channel": named(TYPE_CHANNELS, events.type),
        "campaign": named(CAMPAIGN.names, campaign),
        "value": numbers(_values(rng, events.type)),
        "is_automated": pa.array(events.automated),
    } | ({} if mail is None else _messages(block, mail))
    order = pa.array(np.lexsort((events.lead, at)))
    return pa.table(columns).take(order)


def _of_mails(files: dict[str, pa.Table], block: Block, traffic: MailTraffic) -> dict[str, pa.Table]:
    """The files with what a mail system exports: consent, messages and links, and times as coarse as it keeps them."""
    activities = files["activities"]
    truth = activities.select(["activity_id", "contact_id", "is_automated"])
    dropped = [name for name, kept in (("message_id", traffic.message_ids), ("link", traffic.link_ids)) if not kept]
    exported = activities.drop_columns(["is_automated", *dropped])
    if not traffic.deliveries:
        exported = exported.filter(pc.not_equal(exported["type"], MAIL_TYPES[DELIVERY]))
    contacts = files["contacts"].append_column("tracking_consent", pa.array(block.tracked))
    return {**files, "contacts": contacts, "activities": exported, AUTOMATED: truth}


def deals_table(block: Block) -> pa.Table:
    """Deals as known at the end of the data."""
    closings = block.deals
    created = block.contacts.created[closings.lead]
    lead = numbered(block, closings.lead)
    return pa.table(
        {
            "deal_id": pc.binary_join_element_wise("D", pa.array(lead).cast(pa.string()), ""),
            "contact_id": lead_ids(block, closings.lead),
            "opened_at": times(created + closings.opened_age),
            "closed_at": times(created + closings.closed_age, missing=closings.closed_age == NEVER),
            "stage": named(deals.RESULTS, closings.result),
            "amount": numbers(closings.amount),
            "loss_reason": named(deals.LOSS_REASONS, closings.loss_reason),
        }
    )


def dispositions_table(block: Block) -> pa.Table:
    """Reports of sales; answers that were not asked for are missing."""
    reports = block.reports
    lead = numbered(block, reports.lead)
    answers = {
        question: pa.array(reports.answers[:, index] == 1, mask=reports.answers[:, index] < 0)
        for index, question in enumerate(sales.QUESTIONS)
    }
    columns = {
        "report_id": pc.binary_join_element_wise("R", pa.array(lead).cast(pa.string()), ""),
        "contact_id": lead_ids(block, reports.lead),
        "at": times(block.contacts.created[reports.lead] + reports.age),
        "seller": named(sales.SELLERS, reports.seller),
        "verdict": named(sales.VERDICTS, reports.verdict),
        "reason": named(sales.REASONS, reports.reason),
        **answers,
        "sentiment": numbers(np.append(sales.MOODS, np.nan)[reports.mood]),
    }
    return pa.table(columns)


def changes_table(block: Block) -> pa.Table:
    """History of the points of contacts and of the openings of companies."""
    points = _changes(block.points, "crm_points", contact_id=lead_ids(block, block.points.owner))
    openings = _changes(block.openings, "job_openings", company_id=account_ids(block, block.openings.owner))
    return pa.concat_tables([points, openings])


def truth_table(block: Block) -> pa.Table:
    """True probabilities; never part of what a mapping names."""
    truth = block.truth
    return pa.table(
        {
            "lead_id": lead_ids(block, truth.lead),
            "age_days": pa.array(truth.age_days),
            "snapshot_at": times(truth.at),
            "probability": pa.array(truth.probability),
        }
    )


def _changes(changes: Changes, field: str, **owner: pa.Array) -> pa.Table:
    nobody = pa.nulls(changes.owner.size, pa.string())
    return pa.table(
        {
            "contact_id": owner.get("contact_id", nobody),
            "company_id": owner.get("company_id", nobody),
            "field": pa.repeat(field, changes.owner.size),
            "new_value": pa.array(changes.value.astype(np.int64)).cast(pa.string()),
            "changed_at": times(changes.at),
        }
    )


def _messages(block: Block, events: MailEvents) -> dict[str, pa.Array]:
    """Ids of messages, and addresses of links."""
    message = where(events.message >= 0, _texts(f"M{block.number}-", events.message))
    page = pc.if_else(pa.array(events.link == UNSUBSCRIBE_LINK), "unsubscribe", _texts("l", events.link))
    link = pc.binary_join_element_wise("https://mail.example.org", message, page, "/")
    return {"message_id": message, "link": where(events.link >= 0, link)}


def _texts(start: str, number: Integers) -> pa.Array:
    return pc.binary_join_element_wise(start, pa.array(number).cast(pa.string()), "")


def _values(rng: np.random.Generator, kind: Integers) -> Floats:
    """Seconds on a page or in a webinar, worth of a quote; they do not depend on the class."""
    middle, spread = np.array([VALUED.get(name, (np.nan, 0.0)) for name in MAIL_TYPES]).T
    logarithm = middle[kind] + spread[kind] * rng.standard_normal(kind.size)
    return np.asarray(np.round(np.exp(logarithm), 1), dtype=np.float64)


def _country_name(code: str) -> str:
    return str(COMPANY["countries"][code]["name"])


def _as_typed(name: str) -> str:
    return name.replace("_", " ").title()
