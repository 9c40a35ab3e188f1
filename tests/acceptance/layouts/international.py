"""HubSpot, Pipedrive and Zoho."""

from pathlib import Path

import pandas as pd

from tests.acceptance.writing import dates, money, texts, whole, write_csv


def hubspot(leads: pd.DataFrame, directory: Path) -> None:
    """All contacts, companies and deals; the close date of open deals is a plan."""
    minute = "%Y-%m-%d %H:%M"
    write_csv(
        directory / "hubspot-crm-exports-all-contacts.csv",
        {
            "Record ID": [str(51_000 + number) for number in leads.number],
            "First Name": texts(leads.first_name),
            "Last Name": texts(leads.last_name),
            "Email": texts(leads.email),
            "Phone Number": texts(leads.phone),
            "Contact owner": texts(leads.seller),
            "Job Title": texts(leads.job_title),
            "Employment Seniority": texts(leads.seniority),
            "Country/Region": texts(leads.country),
            "Lead Status": texts(leads.outcome, {"won": "CONNECTED", "lost": "UNQUALIFIED", "open": "IN_PROGRESS"}),
            "Create Date": dates(leads.created, minute),
            "Original Traffic Source": texts(leads.lead_source, lambda word: word.replace("_", " ").capitalize()),
            "Seats wanted": whole(leads.seats_wanted),
            "Last Modified Date": dates(leads.changed, minute),
            "Associated Company IDs (Primary)": texts(leads.company_id, lambda word: str(9_000_000 + int(word[1:]))),
        },
    )
    firms = leads[leads.company.notna()].drop_duplicates("company_id")
    write_csv(
        directory / "hubspot-crm-exports-all-companies.csv",
        {
            "Record ID": texts(firms.company_id, lambda word: str(9_000_000 + int(word[1:]))),
            "Company name": texts(firms.company),
            "Company Domain Name": texts(firms.domain),
            "Industry": texts(firms.industry, str.upper),
            "Number of Employees": whole(firms.employees),
            "Annual Revenue": whole(firms.annual_revenue),
            "Country/Region": texts(firms.company_country),
            "Create Date": dates(firms.created, minute),
        },
    )
    deals = leads[leads.deal_id.notna()]
    stages = {"won": "Closed Won (Sales Pipeline)", "lost": "Closed Lost (Sales Pipeline)",
              "open": "Presentation Scheduled (Sales Pipeline)"}  # fmt: skip
    write_csv(
        directory / "hubspot-crm-exports-all-deals.csv",
        {
            "Record ID": [str(770_000 + number) for number in deals.number],
            "Deal Name": texts(deals.title),
            "Deal Stage": texts(deals.outcome, stages),
            "Pipeline": ["Sales Pipeline"] * len(deals),
            "Close Date": dates(deals.closed.fillna(deals.expected), minute),
            "Create Date": dates(deals.created, minute),
            "Deal owner": texts(deals.seller),
            "Amount": whole(deals.amount),
            "Is Closed Won": texts(deals.outcome, lambda word: str(word == "won").lower()),
            "Is closed lost": texts(deals.outcome, lambda word: str(word == "lost").lower()),
            "Closed Lost Reason": texts(deals.loss_reason),
            "Last Activity Date": dates(deals.changed, minute),
            "Associated Contact IDs": [str(51_000 + number) for number in deals.number],
        },
    )


def pipedrive(leads: pd.DataFrame, directory: Path) -> None:
    """The list of deals with their contact and organization; a lost deal stays in its last stage."""
    deals = leads[leads.deal_id.notna()]
    second = "%Y-%m-%d %H:%M:%S"
    stages = ("Qualified", "Contact Made", "Demo Scheduled", "Negotiations Started")
    won, lost = (deals.closed.where(deals.outcome == end) for end in ("won", "lost"))
    write_csv(
        directory / "deals-2847123-42.csv",
        {
            "Deal - Title": texts(deals.title, "{} deal".format),
            "Deal - Value": whole(deals.amount),
            "Deal - Currency of Value": ["EUR"] * len(deals),
            "Deal - Organization": texts(deals.company),
            "Deal - Contact person": texts(deals.person),
            "Deal - Stage": [stages[number] for number in deals.middle],
            "Deal - Expected close date": dates(deals.expected, "%Y-%m-%d"),
            "Deal - Owner": texts(deals.seller),
            "Deal - ID": whole(deals.number),
            "Deal - Status": texts(deals.outcome, str.capitalize),
            "Deal - Deal created": dates(deals.created, second),
            "Deal - Update time": dates(deals.changed, second),
            "Deal - Won time": dates(won, second),
            "Deal - Lost time": dates(lost, second),
            "Deal - Lost reason": texts(deals.loss_reason),
            "Deal - Source origin": texts(deals.lead_source, lambda word: word.replace("_", " ").capitalize()),
            "Deal - Seats": whole(deals.seats_wanted),
            "Organization - Industry": texts(deals.industry),
            "Organization - Number of employees": whole(deals.employees),
            "Person - Job title": texts(deals.job_title),
            "Person - Email - Work": texts(deals.email),
        },
    )


def zoho(leads: pd.DataFrame, directory: Path) -> None:
    """The data backup: a file for each module, ids with the organization's prefix."""
    second = "%Y-%m-%d %H:%M:%S"

    def record(kind: int, numbers: pd.Series) -> list[str]:
        return [f"zcrm_48768760000{kind}{number:06d}" for number in numbers]

    write_csv(
        directory / "Contacts_001.csv",
        {
            "Record Id": record(3, leads.number),
            "Contact Owner.id": record(1, leads.middle),
            "Contact Owner": texts(leads.seller),
            "Lead Source": texts(leads.lead_source, lambda word: word.replace("_", " ").title()),
            "First Name": texts(leads.first_name),
            "Last Name": texts(leads.last_name),
            "Email": texts(leads.email),
            "Title": texts(leads.job_title),
            "Department": texts(leads.department),
            "Created Time": dates(leads.created, second),
            "Modified Time": dates(leads.changed, second),
            "Mailing Country": texts(leads.country),
            "Seats": whole(leads.seats_wanted),
            "Account Name.id": texts(leads.company_id, lambda word: f"zcrm_487687600002{int(word[1:]):06d}"),
            "Account Name": texts(leads.company),
        },
    )
    firms = leads[leads.company.notna()].drop_duplicates("company_id")
    write_csv(
        directory / "Accounts_001.csv",
        {
            "Record Id": texts(firms.company_id, lambda word: f"zcrm_487687600002{int(word[1:]):06d}"),
            "Account Owner": texts(firms.seller),
            "Account Name": texts(firms.company),
            "Industry": texts(firms.industry),
            "Employees": whole(firms.employees),
            "Annual Revenue": whole(firms.annual_revenue),
            "Created Time": dates(firms.created, second),
        },
    )
    deals = leads[leads.deal_id.notna()]
    lost = {"Competition": "Closed Lost to Competition"}
    stages = [
        lost.get(str(reason).title(), "Closed Lost")
        if end == "lost"
        else {"won": "Closed Won"}.get(end, "Qualification")
        for end, reason in zip(deals.outcome, deals.loss_reason.replace("competitor", "competition"), strict=True)
    ]
    write_csv(
        directory / "Deals_001.csv",
        {
            "Record Id": record(4, deals.number),
            "Deal Owner": texts(deals.seller),
            "Deal Name": texts(deals.title),
            "Account Name.id": texts(deals.company_id, lambda word: f"zcrm_487687600002{int(word[1:]):06d}"),
            "Contact Name.id": record(3, deals.number),
            "Contact Name": texts(deals.person),
            "Amount": money(deals.amount),
            "Stage": stages,
            "Probability (%)": texts(deals.outcome, {"won": "100", "lost": "0", "open": "40"}),
            "Closing Date": dates(deals.ends, "%Y-%m-%d"),
            "Created Time": dates(deals.created, second),
            "Modified Time": dates(deals.changed, second),
            "Reason For Loss": texts(deals.loss_reason),
        },
    )
