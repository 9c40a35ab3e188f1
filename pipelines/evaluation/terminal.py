"""What an evaluation looks like on the terminal."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.evaluation.intervals import Estimate
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.time_proxies import time_proxies_sentence
from pipelines.pages.metric_columns import METRIC_COLUMNS
from pipelines.pages.texts import ENGLISH


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print the verdict and the quality of the model and its baselines, each number with its 95% interval."""
    colour = "green" if evaluation.skill else "red"
    console.print(f"[bold {colour}]{escape(evaluation.verdict)}[/]", highlight=False)
    time_proxies = time_proxies_sentence(evaluation.time_proxies or ())
    for caution in (evaluation.beaten, evaluation.drift, time_proxies, *evaluation.assumptions):
        if caution:
            console.print(f"[yellow]{escape(caution)}[/]", highlight=False)
    console.print(_quality(evaluation))
    for line in (_calibration(evaluation), escape(evaluation.handed_over()), _truth(evaluation)):
        if line:
            console.print(line, highlight=False)


def _quality(evaluation: Evaluation) -> Table:
    test = evaluation.test
    title = f"{test.leads:,} test leads, {ENGLISH.percent(test.won_rate, 1)} won (95% intervals below)"
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.add_column("", min_width=10)
    for name, column in METRIC_COLUMNS.items():
        shown.add_column(f"{ENGLISH(f'metrics.{name}')} {column.arrow}", justify="right", min_width=9)
    for contender in evaluation.contenders:
        cells = [_cell(contender.metrics[name], column.digits) for name, column in METRIC_COLUMNS.items()]
        shown.add_row(escape(evaluation.name_of(contender)), *cells, style="bold" * (contender is evaluation.model))
    return shown


def _cell(estimate: Estimate, digits: int) -> str:
    shorter = 2 if estimate.high >= 1 else 3
    low, high = (f"{end:.{shorter}f}".removeprefix("0") for end in (estimate.low, estimate.high))
    return f"{estimate.value:.{digits}f}\n[dim]{low}-{high}[/]"


def _calibration(evaluation: Evaluation) -> str:
    slope = evaluation.calibration.slope
    if slope.value != slope.value:  # NaN: one probability for all
        return ""
    return f"Calibration slope {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f}; ideal 1)."


def _truth(evaluation: Evaluation) -> str:
    truth = evaluation.truth
    if truth is None:
        return ""
    apart = f"{100 * truth.mean_absolute_error:.2f} percentage points on average"
    return (
        f"The true probabilities reach a ROC AUC of {truth.roc_auc.value:.4f}; the model reaches "
        f"{ENGLISH.percent(truth.ratio)} of that and is off by {apart}."
    )
