"""The evaluation report: one page that says in its first line whether the model is any good."""

from models.learning.time_proxies import MIN_AUC
from pipelines.evaluation.charts import base_rate_chart, contenders_chart, gains_chart, lift_chart, reliability_chart
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.segments import MIN_LEADS, MIN_OF_EACH
from pipelines.pages.page import render


def evaluation_page(evaluation: Evaluation) -> str:
    """The whole page as HTML, with its style sheet and charts inside."""
    limits = {"leads": MIN_LEADS, "each": MIN_OF_EACH, "auc": MIN_AUC}
    return render("evaluation.html.j2", e=evaluation, charts=_charts(evaluation), limits=limits)


def _charts(evaluation: Evaluation) -> dict[str, str]:
    tables = evaluation.tables()
    charts = {name: contenders_chart(evaluation.contenders, name) for name in ("log_loss", "roc_auc")}
    charts["reliability"] = reliability_chart(tables["reliability"])
    charts["gains"] = gains_chart(evaluation.gains, evaluation.handover.share)
    charts["lift"] = lift_chart(tables["lift"])
    if evaluation.rates.blocks:
        charts["base_rate"] = base_rate_chart(tables["base_rate"])
    return charts
