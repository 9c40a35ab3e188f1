"""A sales rep: a list to call from the top, and for each lead why; customers are not in it."""

import json

import pandas as pd

from models.storage.manifest import checksum_in, short
from tests.first_hours.hour import Hour


def play(hour: Hour) -> None:
    """The hour, step by step."""
    workspace = str(hour.workspace.root)
    hour.step("A list for Excel and one as CSV")
    as_csv, as_sheet = hour.scratch / "leads.csv", hour.scratch / "leads.xlsx"
    seen = hour.run("score", "-w", workspace, "--out", str(as_csv), shown=30)
    hour.check("it says how many customers were left out", "won" in seen.flat and "left out" in seen.flat)
    hour.check("grades and stages are not one column", "Grade or stage" not in seen.text)
    hour.run("score", "-w", workspace, "--out", str(as_sheet))
    leads, sheet = pd.read_csv(as_csv, dtype={"lead_id": str}), pd.read_excel(as_sheet, dtype={"lead_id": str})
    hour.check("no customers, nobody lost", set(leads["deal_outcome"]) == {"open"})
    hour.check("the best first", leads["probability"].is_monotonic_decreasing)
    hour.check("the same leads in both", leads["lead_id"].tolist() == sheet["lead_id"].tolist())
    hour.check("reasons in words", bool(leads["reasons"].str.contains("points").any()))
    seen = hour.run("score", "-w", workspace, "--out", str(hour.scratch), code=2)
    hour.check("a folder is no file to write", str(hour.scratch) in seen.text)

    best = str(leads["lead_id"].iloc[0])
    hour.step("Why the first of them?")
    page = hour.scratch / "lead.html"
    seen = hour.run("explain", "-w", workspace, "--lead", best, "--out", str(page), shown=30)
    hour.check("how likely, and in how many days", "%" in seen.text and "within 90 days" in seen.flat)
    hour.check("who it is: job and company", "Job: " in seen.text and "Company: " in seen.text)
    hour.check("no certainties", " 0%" not in seen.flat and "100%" not in seen.flat)
    hour.check("of when, and by which model: the champion", short(checksum_in(hour.workspace.champion)) in seen.flat)
    hour.check("the page is there", "</html>" in page.read_text(encoding="utf-8"))
    hour.check("the same probability as in the list", _same(hour, workspace, best, leads))

    hour.step("The same in Italian, and a misread id")
    seen = hour.run("explain", "-w", workspace, "--lead", best, "--language", "it", "--out", str(page), shown=30)
    hour.check("Italian through and through", "Asked" not in seen.text and "Seniority" not in seen.text)
    seen = hour.run("explain", "-w", workspace, "--lead", f"{best}0", code=2)
    hour.check("an unknown id is told the likely one", "Did you mean" in seen.flat)

    hour.step("A customer")
    everybody = hour.scratch / "all.parquet"
    hour.run("score", "-w", workspace, "--out", str(everybody), "--include-closed", "--no-reasons")
    scores = pd.read_parquet(everybody)
    customer = str(scores.loc[scores["deal_outcome"] == "won", "lead_id"].iloc[0])
    seen = hour.run("explain", "-w", workspace, "--lead", customer, "--out", str(page))
    hour.check("it is said that they have bought", "Already a customer" in seen.flat)
    hour.step("Next year's list")
    seen = hour.run(
        "score", "-w", workspace, "--out", str(everybody), "--no-reasons", "--as-of", "2030-01-01", shown=30
    )
    hour.check("it is said that the data end before", "The data end on" in seen.flat)


def _same(hour: Hour, workspace: str, lead: str, leads: pd.DataFrame) -> bool:
    told = json.loads(hour.run("explain", "-w", workspace, "--lead", lead, "--json", shown=4).text)
    return bool(told["probability"] == leads["probability"].iloc[0])
