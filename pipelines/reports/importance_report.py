"""The importance report: for marketing, what drives conversion and which way."""

import base64
from pathlib import Path

from pipelines.reports.importance import Importance
from pipelines.reports.page import render
from pipelines.reports.verdict import percent

SHOWN = 25


def importance_page(importance: Importance, beeswarm: Path | None = None) -> str:
    """The whole page as HTML; ``beeswarm`` is an image that is put inside."""
    signals = importance.signals.head(SHOWN)
    channels = importance.channels.groupby("column", sort=False)
    return render(
        "importance.html.j2",
        importance=importance,
        headline=_headline(importance),
        signals=signals.to_dict("records"),
        widest=max(float(signals["points"].max()), 1e-12) if len(signals) else 1.0,
        families=importance.families.to_dict("records"),
        channels=[(str(name), rows.to_dict("records")) for name, rows in channels],
        beeswarm=base64.b64encode(beeswarm.read_bytes()).decode("ascii") if beeswarm else "",
    )


def _headline(importance: Importance) -> str:
    strong = importance.signals[importance.signals["points"] > 0].head(3)
    if strong.empty:
        return "Nothing drives this score: every lead gets the same probability."
    named = "; ".join(strong["label"])
    share = float(strong["share"].sum())
    return f"What drives conversion most: {named}. These make up {percent(share)} of what moves the score."
