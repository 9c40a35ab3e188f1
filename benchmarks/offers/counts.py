"""What three lines of counting give: the features that a user would make by hand from the same export."""

from pathlib import Path

import pandas as pd

from benchmarks.offers.world import EVENTS


def hand_made(directory: Path) -> pd.DataFrame:
    """One row per offer received, by its id: its columns, and counts of what the member did before."""
    offers = pd.read_parquet(directory / "offers.parquet").set_index("id")
    events = pd.read_parquet(directory / "events.parquet").join(offers.add_prefix("own_"), on="id")
    before = events[events["at"] < events["own_received_at"]]
    out = offers[["difficulty", "reward", "age", "income"]].copy()
    out["offer"], out["kind"] = (
        offers["offer"].astype("category").cat.codes,
        offers["kind"].astype("category").cat.codes,
    )
    same = {
        "": before,
        "_of_offer": before[before["offer"] == before["own_offer"]],
        "_of_kind": before[before["kind"] == before["own_kind"]],
    }
    for name, rows in same.items():
        counts = rows.groupby(["id", "event"]).size().unstack(fill_value=0)
        for event in EVENTS:
            out[event + name] = counts.get(event, pd.Series(dtype=float)).reindex(out.index).fillna(0)
        out[f"views_per_received{name}"] = out[f"offer_viewed{name}"] / out[f"offer_received{name}"]
        out[f"completed_per_received{name}"] = out[f"offer_completed{name}"] / out[f"offer_received{name}"]
    last = before.groupby(["id", "event"])["at"].max().unstack()
    for event in EVENTS:
        out[f"since_{event}"] = (offers["received_at"] - last[event].reindex(out.index)).dt.total_seconds() / 86400
    spent = before.groupby("id")["amount"].agg(["sum", "mean", "max"])
    return out.join(spent.add_prefix("amount_"))
