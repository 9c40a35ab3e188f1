"""Salesforce: a report with its title and footer, and the Data Export with a file for each object."""

import csv
from functools import partial
from pathlib import Path

import pandas as pd

from tests.acceptance.writing import dates, money, texts, whole, write_csv, write_sheet


def report(leads: pd.DataFrame, directory: Path) -> None:
    """A formatted report in Spanish: title and filters above, totals and a notice below, no id of a deal."""
    deals = leads[leads.deal_id.notna()]
    stages = {"won": "Cerrada ganada", "lost": "Cerrada perdida", "open": "Propuesta/Presupuesto"}
    write_sheet(
        directory / "Oportunidades 2025.xlsx",
        {
            "Propietario de la oportunidad": texts(deals.seller),
            "Nombre de la oportunidad": texts(deals.title),
            "Etapa": texts(deals.outcome, stages),
            "Importe": [float(each) for each in deals.amount],
            "Fecha de cierre": [each.date() for each in deals.ends],
            "Fecha de creación": [each.date() for each in deals.created],
            "Origen del prospecto": texts(deals.lead_source, lambda word: word.replace("_", " ").title()),
            "Sector": texts(deals.industry),
            "Empleados": ["" if pd.isna(each) else int(each) for each in deals.employees],
            "Motivo de pérdida": texts(deals.loss_reason),
            "Licencias": ["" if pd.isna(each) else int(each) for each in deals.seats_wanted],
        },
        title="Oportunidades 2025",
        above=[
            ["Oportunidades 2025"],
            ["A partir del 2025-09-01 09:12:44 Hora de verano de Europa central • Generado por Anna Keller"],
            ["Filtrado por", "Mostrar: Todas las oportunidades"],
            [],
        ],
        below=[
            ["Total", "Recuento", str(len(deals))],
            [],
            ["Confidential Information - Do Not Distribute"],
            ["Copyright © 2000-2025 salesforce.com, inc. All rights reserved."],
        ],
        margin=1,
    )


def data_export(leads: pd.DataFrame, directory: Path) -> None:
    """Leads, converted when a deal was opened; opportunities with the history of their stages, accounts, users."""
    moment, write = "%Y-%m-%dT%H:%M:%S.000Z", partial(write_csv, quoting=csv.QUOTE_ALL)
    has_deal = leads.deal_id.notna()

    def ids(prefix: str, numbers: pd.Series) -> list[str]:
        return ["" if pd.isna(number) else f"{prefix}7Q00000{int(number):05X}QAU" for number in numbers]

    firm = leads.company_id.str[1:].astype(float).where(leads.company.notna())
    user = leads.seller.astype("category").cat.codes + 1
    write(
        directory / "Lead.csv",
        {
            "Id": ids("00Q", leads.number),
            "IsDeleted": ["false"] * len(leads),
            "LastName": texts(leads.last_name),
            "FirstName": texts(leads.first_name),
            "Name": texts(leads.person),
            "Title": texts(leads.job_title),
            "Company": texts(leads.company),
            "Country": texts(leads.country),
            "Email": texts(leads.email),
            "LeadSource": texts(leads.lead_source, lambda word: word.replace("_", " ").title()),
            "Status": texts(has_deal, {"True": "Closed - Converted", "False": "Working - Contacted"}),
            "Industry": texts(leads.industry),
            "NumberOfEmployees": whole(leads.employees),
            "OwnerId": ids("005", user),
            "IsConverted": texts(has_deal, str.lower),
            "ConvertedDate": dates(leads.created.where(has_deal), "%Y-%m-%d"),
            "ConvertedAccountId": ids("001", firm.where(has_deal)),
            "ConvertedContactId": ids("003", leads.number.where(has_deal)),
            "ConvertedOpportunityId": ids("006", leads.number.where(has_deal)),
            "Seats__c": whole(leads.seats_wanted),
            "CreatedDate": dates(leads.created, moment),
            "LastModifiedDate": dates(leads.changed, moment),
            "SystemModstamp": dates(leads.changed, moment),
        },
    )
    deals = leads[has_deal]
    stages = {"won": "Closed Won", "lost": "Closed Lost", "open": "Proposal/Price Quote"}
    write(
        directory / "Opportunity.csv",
        {
            "Id": ids("006", deals.number),
            "IsDeleted": ["false"] * len(deals),
            "AccountId": ids("001", firm[has_deal]),
            "Name": texts(deals.title),
            "StageName": texts(deals.outcome, stages),
            "Amount": money(deals.amount),
            "Probability": texts(deals.outcome, {"won": "100.0", "lost": "0.0", "open": "75.0"}),
            "CloseDate": dates(deals.ends, "%Y-%m-%d"),
            "IsClosed": texts(deals.outcome, lambda word: str(word != "open").lower()),
            "IsWon": texts(deals.outcome, lambda word: str(word == "won").lower()),
            "ForecastCategory": texts(deals.outcome, {"won": "Closed", "lost": "Omitted", "open": "Pipeline"}),
            "OwnerId": ids("005", user[has_deal]),
            "CreatedDate": dates(deals.created, moment),
            "LastModifiedDate": dates(deals.changed, moment),
        },
    )
    first, last = deals.assign(stage="Prospecting", at=deals.created), deals.assign(at=deals.changed)
    steps = pd.concat([first, last.assign(stage=texts(last.outcome, stages))]).sort_values(["number", "at"])
    write(
        directory / "OpportunityHistory.csv",
        {
            "Id": ids("008", pd.Series(range(1, len(steps) + 1))),
            "OpportunityId": ids("006", steps.number),
            "CreatedDate": dates(steps["at"], moment),
            "StageName": texts(steps.stage),
            "Amount": money(steps.amount),
        },
    )
    firms = leads[leads.company.notna()].drop_duplicates("company_id")
    write(
        directory / "Account.csv",
        {
            "Id": ids("001", firm[firms.index]),
            "Name": texts(firms.company),
            "Type": ["Prospect" if number % 3 else "Partner" for number in firms.number],
            "Website": texts(firms.domain),
            "CreatedDate": dates(firms.created, moment),
        },
    )
    users = pd.Series(sorted(leads.seller.unique()))
    write(
        directory / "User.csv",
        {
            "Id": ids("005", pd.Series(range(1, len(users) + 1))),
            "Name": texts(users),
            "Email": texts(users, lambda name: f"{name.split()[0].lower()}@crm.example"),
            "IsActive": ["true"] * len(users),
        },
    )
