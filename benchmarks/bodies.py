"""What the HTTP benchmark asks: leads of the demo, their accounts and about ten activities; and what a batch says."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.dataset import Dataset
from pipelines.workspace.workspace import Workspace
from tests.end_to_end.bodies import Bodies

AS_OF = "2025-08-15T00:00:00Z"
MIN_ACTIVITIES, MAX_ACTIVITIES = 8, 12  # activities of the lead and of its account


def choose(workspace: Workspace, count: int) -> list[str]:
    """Leads with an account and about ten activities before the moment, the account's included."""
    dataset = Dataset(workspace.tables)
    leads, activities = dataset.frame("leads"), dataset.frame("activities")
    known = leads[(leads["created_at"] < AS_OF) & leads["account_id"].notna()]
    own = activities[activities["occurred_at"] < AS_OF].groupby("lead_id").size()
    of_account = known["account_id"].map(known.assign(own=known["lead_id"].map(own)).groupby("account_id")["own"].sum())
    fitting = known["lead_id"][of_account.between(MIN_ACTIVITIES, MAX_ACTIVITIES)]
    return list(fitting.sample(min(count, len(fitting)), random_state=0))


def make_bodies(workspace: Workspace, leads: list[str]) -> list[dict[str, Any]]:
    """What a company would send for these leads at the moment."""
    made = Bodies(Dataset(workspace.tables), pd.Timestamp(AS_OF))
    return [made.body(lead) for lead in leads]


def batch_probabilities(workspace: Workspace, leads: list[str], scores: Path) -> list[float]:
    """What ``whylead score`` gives these leads."""
    program = [
        sys.executable,
        "-c",
        "from pipelines.cli import main; main()",
        "score",
        "--no-reasons",
        "--include-closed",
    ]
    options = ["--workspace", str(workspace.root), "--as-of", AS_OF, "--out", str(scores)]
    subprocess.run([*program, *options], check=True, stdout=sys.stderr)
    probability = pd.read_parquet(scores).set_index("lead_id")["probability"]
    return [float(probability[lead]) for lead in leads]


def fields(body: object) -> int:
    """How many values a body holds."""
    match body:
        case dict():
            return sum(map(fields, body.values()))
        case list():
            return sum(map(fields, body))
    return 1
