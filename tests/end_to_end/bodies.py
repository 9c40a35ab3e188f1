"""The HTTP body that a company would send for a lead whose rows are in the tables."""

from typing import Any

import pandas as pd

from data_contracts.dataset import Dataset
from serving.schemas.requests import Activity

EVENT = tuple(name for name in Activity.model_fields if name != "activity_id")
ANSWER = ("at", "verdict", "budget", "authority", "need", "timeline", "sentiment")
IDS = frozenset({"account_id", "order"})


class Bodies:
    """Bodies of the leads of a dataset as of a moment."""

    def __init__(self, dataset: Dataset, as_of: pd.Timestamp) -> None:
        self.as_of = as_of
        self.leads = dataset.frame("leads").set_index("lead_id", drop=False)
        self.accounts = dataset.frame("accounts").set_index("account_id", drop=False)
        self.activities = dataset.frame("activities")
        self.deals = dataset.frame("deals")
        self.dispositions = dataset.frame("dispositions")
        self.changes = dataset.frame("changes").sort_values("changed_at", kind="stable")

    def body(self, lead_id: str) -> dict[str, Any]:
        """The lead, its account with what its other leads did, and everything that happened to it."""
        lead = self.leads.loc[[lead_id]].iloc[0]
        body: dict[str, Any] = {
            "lead": _plain(lead) | self._current("lead_id", lead_id),
            "activities": [_plain(row, EVENT) for _, row in self._of(self.activities, [lead_id]).iterrows()],
            "dispositions": [_plain(row, ANSWER) for _, row in self._of(self.dispositions, [lead_id]).iterrows()],
            "as_of": self.as_of.isoformat(),
        }
        if isinstance(lead["account_id"], str) and lead["account_id"] in self.accounts.index:
            body["account"] = self._account(lead["account_id"], lead_id)
        return body

    def _account(self, account_id: str, lead_id: str) -> dict[str, Any]:
        others = self.leads.index[(self.leads["account_id"] == account_id) & (self.leads.index != lead_id)]
        events = [_plain(row, EVENT) for _, row in self._of(self.activities, list(others)).iterrows()]
        created = self.leads["created_at"]
        events += [{"type": "lead_created", "occurred_at": created[other].isoformat()} for other in others]
        closed = self._of(self.deals, list(others)).dropna(subset=["closed_at"])
        for _, deal in closed[closed["outcome"].isin(["won", "lost"])].iterrows():
            event = {"type": f"deal_{deal['outcome']}", "occurred_at": deal["closed_at"].isoformat()}
            events.append(event | ({"value": deal["amount"]} if pd.notna(deal["amount"]) else {}))
        return (
            _plain(self.accounts.loc[[account_id]].iloc[0])
            | self._current("account_id", account_id)
            | {"activities": events}
        )

    def _of(self, frame: pd.DataFrame, leads: list[str]) -> pd.DataFrame:
        return frame[frame["lead_id"].isin(leads)]

    def _current(self, key: str, value: str) -> dict[str, Any]:
        """Fields with a history: the newest value before the moment; numbers, as all of the simulator's are."""
        known = self.changes[(self.changes[key] == value) & (self.changes["changed_at"] < self.as_of)]
        return {str(row["field"]): float(row["value"]) for _, row in known.iterrows()}


def _plain(row: Any, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values that are there, as JSON has them."""
    chosen = names or tuple(str(name) for name in row.keys() if name not in IDS)  # noqa: SIM118 - a Series
    return {name: _json(row[name]) for name in chosen if pd.notna(row[name])}


def _json(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
