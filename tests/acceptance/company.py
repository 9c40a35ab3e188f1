"""The company whose exports are drafted: leads of the simulator with their company and deal, a row each."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines.simulation.simulator import simulate

SEED = 11
SELLERS = ("Anna Keller", "Bruno Costa", "Clara Jensen", "David Moreau", "Elena Petrova")
MIDDLE = 4  # stages between the first and the end of a deal


def leads_of(count: int, seed: int = SEED) -> pd.DataFrame:
    """The leads of a simulated company (count,) with a number from 1; what is not known is missing."""
    with tempfile.TemporaryDirectory() as directory:
        simulate(count, seed, Path(directory) / "company")
        files = {
            name: pd.read_parquet(Path(directory) / "company" / f"{name}.parquet")
            for name in ("contacts", "companies", "deals")
        }
    leads = files["contacts"].merge(
        files["companies"].rename(columns={"name": "company", "country": "company_country"}),
        on="company_id",
        how="left",
    )
    leads = leads.merge(files["deals"].rename(columns={"stage": "outcome"}), on="contact_id", how="left")
    leads["outcome"] = leads["outcome"].fillna("open")
    leads["lead_source"] = leads["lead_source"].str.lower().str.replace(" ", "_")
    leads["amount"] = leads["amount"].fillna(leads["amount"].median())
    return _drawn(leads, np.random.default_rng([seed, 1]))


def _drawn(leads: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What the simulator does not have: numbers, sellers, plans for the end of a deal, stages between."""
    size = len(leads)
    at = leads["created_at"].dt.tz_localize(None)
    closed = leads["closed_at"].dt.tz_localize(None).where(leads["outcome"] != "open")
    expected = at + pd.to_timedelta(rng.integers(20, 120, size), unit="D")
    return leads.assign(
        number=np.arange(1, size + 1),
        created=at,
        closed=closed,
        expected=expected.dt.normalize(),
        # what systems do that have one date for both: the plan until the deal ends, then the day on which it ended
        ends=closed.dt.normalize().fillna(expected.dt.normalize()),
        changed=closed.fillna(at + pd.to_timedelta(rng.integers(1, 200, size), unit="h")),
        seller=np.array(SELLERS)[rng.integers(0, len(SELLERS), size)],
        middle=rng.integers(0, MIDDLE, size),
        title=leads["company"].fillna("Private") + " " + pd.Series(np.arange(1, size + 1)).astype(str),
        person=leads["first_name"] + " " + leads["last_name"],
        # drawn apart from the end: a step halfway would tell when that will be
        proposed=at + pd.to_timedelta(rng.integers(12, 24 * 30, size), unit="h"),
    )
