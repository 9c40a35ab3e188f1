"""Dynamics 365: worksheets of a view, with the three columns that are not to be changed."""

import uuid
from pathlib import Path

import pandas as pd

from tests.acceptance.writing import texts, write_sheet


def opportunities(leads: pd.DataFrame, directory: Path) -> None:
    """All opportunities: names in place of ids, real dates, a planned and an actual close."""
    deals = leads[leads.deal_id.notna()]
    reasons = {"won": "Won", "lost": "Out-Sold", "open": "In Progress"}
    write_sheet(
        directory / "All Opportunities 9-1-2025 9-12-44 AM.xlsx",
        {
            "(Do Not Modify) Opportunity": _ids("opportunity", deals),
            "(Do Not Modify) Row Checksum": _checksums(deals),
            "(Do Not Modify) Modified On": list(deals.changed),
            "Topic": texts(deals.title),
            "Potential Customer": texts(deals.company),
            "Contact": texts(deals.person),
            "Est. Close Date": list(deals.expected),
            "Est. Revenue": [float(each) for each in deals.amount],
            "Status": texts(deals.outcome, str.capitalize),
            "Status Reason": texts(deals.outcome, reasons),
            "Created On": list(deals.created),
            "Actual Close Date": list(deals.closed.dt.normalize()),
            "Actual Revenue": [
                "" if pd.isna(each) else float(each) for each in deals.amount.where(deals.outcome == "won")
            ],
            "Owner": texts(deals.seller),
            "Originating Source": texts(deals.lead_source, lambda word: word.replace("_", " ").capitalize()),
            "Industry": texts(deals.industry),
            "No. of Employees": ["" if pd.isna(each) else int(each) for each in deals.employees],
            "Seats": ["" if pd.isna(each) else int(each) for each in deals.seats_wanted],
        },
        title="All Opportunities",
    )


def leads(leads: pd.DataFrame, directory: Path) -> None:
    """All leads: qualified or disqualified, and no date of it."""
    status = {"won": "Qualified", "lost": "Disqualified", "open": "Open"}
    reasons = {"won": "Qualified", "lost": "No Longer Interested", "open": "Contacted"}
    write_sheet(
        directory / "All Leads.xlsx",
        {
            "(Do Not Modify) Lead": _ids("lead", leads),
            "(Do Not Modify) Row Checksum": _checksums(leads),
            "(Do Not Modify) Modified On": list(leads.changed),
            "Name": texts(leads.person),
            "Topic": texts(leads.title),
            "Company Name": texts(leads.company),
            "Job Title": texts(leads.job_title),
            "Email": texts(leads.email),
            "Lead Source": texts(leads.lead_source, lambda word: word.replace("_", " ").capitalize()),
            "Industry": texts(leads.industry),
            "No. of Employees": ["" if pd.isna(each) else int(each) for each in leads.employees],
            "Seats": ["" if pd.isna(each) else int(each) for each in leads.seats_wanted],
            "Status": texts(leads.outcome, status),
            "Status Reason": texts(leads.outcome, reasons),
            "Owner": texts(leads.seller),
            "Created On": list(leads.created),
        },
        title="All Leads",
    )


def _ids(kind: str, rows: pd.DataFrame) -> list[str]:
    return [str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{number}")) for number in rows.number]


def _checksums(rows: pd.DataFrame) -> list[str]:
    return [uuid.uuid5(uuid.NAMESPACE_URL, f"sum/{number}").hex + "==" for number in rows.number]
