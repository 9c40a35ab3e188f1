"""The importance report: for marketing, what drives conversion and which way."""

import base64
from pathlib import Path

from pipelines.explanation.importance import Importance
from pipelines.pages.page import render

SHOWN = 25


def importance_page(importance: Importance, beeswarm: Path | None = None) -> str:
    """The whole page as HTML; ``beeswarm`` is an image that is put inside."""
    signals = importance.moving.head(SHOWN)
    return render(
        "importance.html.j2",
        importance=importance,
        signals=signals,
        widest=max(float(signals["points"].max()), 1e-12) if len(signals) else 1.0,
        beeswarm=base64.b64encode(beeswarm.read_bytes()).decode("ascii") if beeswarm else "",
    )
