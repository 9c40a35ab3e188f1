"""The evaluation report: one page that says in its first line whether the model is any good."""

import math
from collections.abc import Hashable

import numpy as np
import pandas as pd

from models.evaluation.metrics import METRICS
from models.learning.time_proxies import MIN_AUC
from pipelines.evaluation.charts import base_rate_chart, contenders_chart, gains_chart, lift_chart, reliability_chart
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.segments import MIN_LEADS, MIN_OF_EACH
from pipelines.pages.page import render


def evaluation_page(evaluation: Evaluation) -> str:
    """The whole page as HTML, with its style sheet and charts inside."""
    contenders, reliability = (evaluation.model, *evaluation.baselines), evaluation.tables()["reliability"]
    return render(
        "evaluation.html.j2",
        e=evaluation,
        metrics=METRICS,
        contenders=contenders,
        charts=_charts(evaluation),
        predicted=float(np.average(reliability["predicted"], weights=reliability["leads"])),
        segments=_by_segment(evaluation.segments),
        limits={"leads": MIN_LEADS, "each": MIN_OF_EACH},
        reads=MIN_AUC,
        nan=math.nan,
    )


def _charts(evaluation: Evaluation) -> dict[str, str]:
    contenders = (evaluation.model, *evaluation.baselines)
    charts = {name: contenders_chart(contenders, name) for name in ("log_loss", "roc_auc")}
    tables = evaluation.tables()
    charts["reliability"] = reliability_chart(tables["reliability"])
    charts["gains"] = gains_chart(evaluation.gains, evaluation.handover.share)
    charts["lift"] = lift_chart(tables["lift"])
    if evaluation.rates.blocks:
        charts["base_rate"] = base_rate_chart(evaluation.rates)
    return charts


def _by_segment(segments: pd.DataFrame) -> list[tuple[str, list[dict[Hashable, object]]]]:
    return [(str(name), rows.to_dict("records")) for name, rows in segments.groupby("segment", sort=False)]
