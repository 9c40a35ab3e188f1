"""The importance report: for marketing, what drives conversion and which way."""

from features.feature import Language
from pipelines.explanation.explained import Explained
from pipelines.explanation.figures import beeswarm_chart
from pipelines.explanation.importance import MISSING, STRONGEST
from pipelines.pages.origin import Origin
from pipelines.pages.page import render
from pipelines.pages.texts import texts_in

SHOWN = 25


def importance_page(
    explained: Explained, origin: Origin | None = None, language: Language = "en", *, skilled: bool = True
) -> str:
    """The whole page as HTML; ``skilled`` False warns that the model is no better than chance."""
    say, importance = texts_in(language), explained.importance
    signals = importance.moving.head(SHOWN)
    beeswarm = beeswarm_chart(explained.explanation.log_odds, explained.X, explained.features, say)
    return render(
        "importance.html.j2",
        say,
        origin=origin,
        importance=importance,
        signals=signals,
        strongest=importance.moving.head(STRONGEST),
        widest=max(float(signals["points"].max()), 1e-12) if len(signals) else 1.0,
        beeswarm="" if signals.empty else beeswarm,
        skilled=skilled,
        missing=MISSING,
    )
