"""Odoo, SuiteCRM and Bitrix24."""

import csv
import uuid
from functools import partial
from pathlib import Path

import pandas as pd

from tests.acceptance.writing import dates, money, texts, whole, write_csv


def odoo(leads: pd.DataFrame, directory: Path) -> None:
    """crm.lead: a won one is in the stage Won, a lost one is archived and stays in its stage."""
    second = "%Y-%m-%d %H:%M:%S"
    stages = ("New", "Qualified", "Proposition", "Negotiation")
    chances = (12.5, 31.0, 48.75, 66.0)
    write_csv(
        directory / "Lead (crm.lead).csv",
        {
            "id": [f"__export__.crm_lead_{number}_{number * 7919 % 65_536:04x}" for number in leads.number],
            "name": texts(leads.title, "{} opportunity".format),
            "type": ["Opportunity"] * len(leads),
            "contact_name": texts(leads.person),
            "partner_name": texts(leads.company),
            "email_from": texts(leads.email),
            "phone": texts(leads.phone),
            "function": texts(leads.job_title),
            "country_id": texts(leads.country),
            "source_id": texts(leads.lead_source, lambda word: word.replace("_", " ").title()),
            "user_id": texts(leads.seller),
            "team_id": ["Sales"] * len(leads),
            "stage_id": [
                "Won" if end == "won" else stages[n] for end, n in zip(leads.outcome, leads.middle, strict=True)
            ],
            "probability": [
                {"won": "100.0", "lost": "0.0"}.get(end, str(chances[n]))
                for end, n in zip(leads.outcome, leads.middle, strict=True)
            ],
            "active": texts(leads.outcome, lambda word: str(word != "lost")),
            "lost_reason_id": texts(leads.loss_reason.where(leads.outcome == "lost"), str.capitalize),
            "expected_revenue": money(leads.amount),
            "create_date": dates(leads.created, second),
            "date_open": dates(leads.created, second),
            "date_closed": dates(leads.closed, second),
            "date_deadline": dates(leads.expected, "%Y-%m-%d"),
            "x_seats": whole(leads.seats_wanted),
        },
    )


def suitecrm(leads: pd.DataFrame, directory: Path) -> None:
    """Leads and opportunities with all their fields, in the date format of an American user."""
    minute, day, write = "%m/%d/%Y %I:%M%p", "%m/%d/%Y", partial(write_csv, quoting=csv.QUOTE_ALL)
    has_deal = leads.deal_id.notna()

    def ids(kind: str, numbers: pd.Series) -> list[str]:
        return ["" if pd.isna(each) else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{each:.0f}")) for each in numbers]

    write(
        directory / "Leads.csv",
        {
            "id": ids("lead", leads.number),
            "date_entered": dates(leads.created, minute),
            "date_modified": dates(leads.changed, minute),
            "description": [""] * len(leads),
            "deleted": ["0"] * len(leads),
            "assigned_user_name": texts(leads.seller),
            "first_name": texts(leads.first_name),
            "last_name": texts(leads.last_name),
            "title": texts(leads.job_title),
            "department": texts(leads.department),
            "phone_work": texts(leads.phone),
            "primary_address_country": texts(leads.country),
            "email1": texts(leads.email),
            "lead_source": texts(leads.lead_source, lambda word: word.replace("_", " ").title()),
            "seats_c": whole(leads.seats_wanted),
            "opportunity_id": ids("opportunity", leads.number.where(has_deal)),
            "account_name": texts(leads.company),
        },
    )
    deals = leads[has_deal]
    stages = {"won": "Closed Won", "lost": "Closed Lost", "open": "Proposal/Price Quote"}
    write(
        directory / "Opportunities.csv",
        {
            "name": texts(deals.title),
            "id": ids("opportunity", deals.number),
            "date_entered": dates(deals.created, minute),
            "date_modified": dates(deals.changed, minute),
            "deleted": ["0"] * len(deals),
            "assigned_user_name": texts(deals.seller),
            "opportunity_type": ["New Business"] * len(deals),
            "account_name": texts(deals.company),
            "lead_source": texts(deals.lead_source, lambda word: word.replace("_", " ").title()),
            "amount": money(deals.amount, thousands=","),
            "amount_usdollar": money(deals.amount * 1.08, thousands=","),
            "date_closed": dates(deals.ends, day),
            "sales_stage": texts(deals.outcome, stages),
            "probability": texts(deals.outcome, {"won": "100", "lost": "0", "open": "65"}),
        },
    )


def bitrix24(leads: pd.DataFrame, directory: Path) -> None:
    """The list of deals: semicolons, the close date of open deals a plan, a flag for closed ones."""
    deals = leads[leads.deal_id.notna()]
    second = "%d.%m.%Y %H:%M:%S"
    middle = ("New", "Preparing documents", "Prepaid invoice", "In progress")
    ends = {"won": "Deal won", "lost": "Deal lost"}
    stages = [ends.get(end, middle[n]) for end, n in zip(deals.outcome, deals.middle, strict=True)]
    write_csv(
        directory / "DEAL_20250901_68b5.csv",
        {
            "ID": whole(deals.number + 300),
            "Deal Name": texts(deals.title),
            "Pipeline": ["General"] * len(deals),
            "Stage": stages,
            "Amount": money(deals.amount),
            "Currency": ["EUR"] * len(deals),
            "Company": texts(deals.company),
            "Contact": texts(deals.person),
            "Responsible person": texts(deals.seller),
            "Created on": dates(deals.created, second),
            "Modified on": dates(deals.changed, second),
            "Created by": texts(deals.seller),
            "Start date": dates(deals.created, "%d.%m.%Y"),
            "Expected close date": dates(deals.ends, "%d.%m.%Y"),
            "Closed": texts(deals.outcome, {"won": "Y", "lost": "Y", "open": "N"}),
            "Source": texts(deals.lead_source, lambda word: word.replace("_", " ").capitalize()),
            "Type": ["Sales"] * len(deals),
            "Seats": whole(deals.seats_wanted),
            "Comment": [""] * len(deals),
            "Return customer": ["N"] * len(deals),
        },
        delimiter=";",
        encoding="utf-8-sig",
    )
