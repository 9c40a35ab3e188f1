"""One file with a row for each change of a deal's stage."""

from pathlib import Path

import pandas as pd

from tests.acceptance.writing import dates, money, texts, whole, write_csv


def stages(leads: pd.DataFrame, directory: Path) -> None:
    """All changes of all deals in the order of time; what is known of a deal stands in each of its rows."""
    deals = leads[leads.deal_id.notna()]
    proposed = deals[deals.proposed < deals.changed]
    steps = [deals.assign(stage="New", at=deals.created), proposed.assign(stage="Proposal", at=proposed.proposed)]
    for end, name in (("won", "Closed Won"), ("lost", "Closed Lost")):
        steps.append(deals[deals.outcome == end].assign(stage=name, at=deals.closed))
    rows = pd.concat(steps).sort_values(["at", "number"], kind="stable")
    write_csv(
        directory / "deal_stage_changes.csv",
        {
            "deal_id": [f"D-{number:05d}" for number in rows.number],
            "stage": texts(rows.stage),
            "changed_at": dates(rows["at"], "%Y-%m-%d %H:%M:%S"),
            "changed_by": texts(rows.seller),
            "lead_source": texts(rows.lead_source, lambda word: word.replace("_", " ")),
            "industry": texts(rows.industry),
            "employees": whole(rows.employees),
            "seats": whole(rows.seats_wanted),
            "deal_value": money(rows.amount),
        },
    )
