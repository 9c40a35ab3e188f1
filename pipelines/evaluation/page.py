"""The evaluation report: one page that says in its first line whether the model is any good, and what to do now."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from features.feature import Language
from models.learning.time_proxies import MIN_AUC
from pipelines.evaluation.charts import (
    base_rate_chart,
    contenders_chart,
    gains_chart,
    is_logarithmic,
    lift_chart,
    precision_recall_chart,
    reliability_chart,
    roc_chart,
    spread_chart,
)
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.segments import MIN_LEADS, MIN_OF_EACH, MISSING
from pipelines.evaluation.verdict import beaten_by, has_little
from pipelines.pages.page import render
from pipelines.pages.texts import Texts, texts_in


def evaluation_page(evaluation: Evaluation, language: Language = "en") -> str:
    """The whole page as HTML, with its style sheet and charts inside."""
    say = texts_in(language)
    return render(
        "evaluation.html.j2",
        say,
        e=evaluation,
        origin=evaluation.origin,
        charts=_charts(evaluation, say),
        limits={"leads": MIN_LEADS, "each": MIN_OF_EACH, "auc": MIN_AUC},
        todo=list(todo(evaluation, say)),
        logarithmic=is_logarithmic(pd.DataFrame(evaluation.reliability)),
        missing=MISSING,
        is_off=is_off,
    )


def todo(evaluation: Evaluation, say: Texts) -> Iterator[str]:
    """What a reader does next, the most pressing first."""
    key, better = "evaluation.todo", beaten_by(evaluation.baselines)
    if not evaluation.skill:
        won, leads = evaluation.test.won, evaluation.test.leads
        yield say(f"{key}.no_skill")
        yield say(f"{key}.more", won=say.number(won, 0), lost=say.number(leads - won, 0))
        yield say(f"{key}.check")
    elif better:
        yield say(f"{key}.beaten", name=_inside(evaluation.name_of(better[0], say)))
    else:
        yield say(f"{key}.use")
        if has_little(evaluation.model, evaluation.base_rate):
            yield say(f"{key}.little")
    champion = evaluation.champion
    if evaluation.skill and champion and champion.advice != "unmeasured":
        yield say(f"{key}.champion.{champion.advice}")
    if evaluation.drift:
        yield say(f"{key}.drift")
    off = [_segment(row, say) for row in evaluation.segments.itertuples() if is_off(row)]
    if off:
        yield say(f"{key}.segments", names=say.listed(off))
    if evaluation.quarantined:
        yield say(f"{key}.quarantined")
    if evaluation.skill and not better:
        yield say(f"{key}.retrain")


def is_off(row: Any) -> bool:  # noqa: ANN401 - a row of the segments
    """Whether the mean prediction of a segment lies outside the interval of what it bought."""
    return not (row.won_rate_low <= row.predicted <= row.won_rate_high)


def _segment(row: Any, say: Texts) -> str:  # noqa: ANN401 - a row of the segments
    return say.level(row.segment, "" if row.level == MISSING else row.level)


def _inside(name: str) -> str:
    """A name within a sentence."""
    return name[:1].lower() + name[1:]


def _charts(evaluation: Evaluation, say: Texts) -> dict[str, str]:
    """The charts by name; a model without skill gets only those that show where it fails."""
    tables, contenders = evaluation.tables(), evaluation.contenders
    names = [evaluation.name_of(each, say) for each in contenders]
    charts = {name: contenders_chart(contenders, names, name, say) for name in ("log_loss", "roc_auc")}
    charts["reliability"] = reliability_chart(tables["reliability"], say)
    if evaluation.rates.blocks:
        charts["base_rate"] = base_rate_chart(tables["base_rate"], say)
    if evaluation.skill:
        charts["gains"] = gains_chart(evaluation.gains, evaluation.handover.share, say)
        charts["lift"] = lift_chart(tables["lift"], say)
        charts["roc"] = roc_chart(tables["roc"], say)
        charts["precision_recall"] = precision_recall_chart(tables["precision_recall"], evaluation.test.won_rate, say)
        charts["spread"] = spread_chart(tables["spread"], say)
    return charts
