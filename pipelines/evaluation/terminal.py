"""What an evaluation looks like on the terminal."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.evaluation.intervals import Estimate
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.time_proxies import time_proxies_sentence
from pipelines.pages.metric_columns import METRIC_COLUMNS
from pipelines.pages.texts import ENGLISH, Texts

_WIDE = 120  # columns of a terminal in which each interval has a line
_BESIDE = 5  # characters beside the decimals of a number in half an interval: "0.841 to" has three decimals


def show_evaluation(console: Console, evaluation: Evaluation, say: Texts = ENGLISH) -> None:
    """Print the verdict and the quality of the model and its baselines, each number with its 95% interval."""
    colour = "green" if evaluation.skill else "red"
    console.print(f"[bold {colour}]{escape(evaluation.verdict_in(say))}[/]", highlight=False)
    time_proxies = time_proxies_sentence(evaluation.time_proxies or (), say)
    assumptions = (say.translated(each) for each in evaluation.assumptions)
    for caution in (evaluation.beaten_in(say), evaluation.drift_in(say), time_proxies, *assumptions):
        if caution:
            console.print(f"[yellow]{escape(caution)}[/]", highlight=False)
    console.print(_quality(evaluation, say, narrow=console.width < _WIDE))
    for line in (evaluation.calibrated(say), evaluation.handed_over(say), evaluation.against_truth(say)):
        if line:
            console.print(escape(line), highlight=False)


def _quality(evaluation: Evaluation, say: Texts, *, narrow: bool) -> Table:
    """The table of metrics; where the terminal is narrow, an interval takes two lines."""
    test = evaluation.test
    title = say("terminal.quality", test.leads, won=say.percent(test.won_rate, 1))
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    shown.add_column("")
    for metric, column in METRIC_COLUMNS.items():
        name = f"{say(f'metrics.{metric}')}\N{NO-BREAK SPACE}{column.arrow}"
        width = max(_BESIDE + column.digits, *(len(word) for word in name.split())) if narrow else None
        shown.add_column(name, justify="right", width=width)
    for contender in evaluation.contenders:
        cells = [_cell(contender.metrics[metric], column.digits, say) for metric, column in METRIC_COLUMNS.items()]
        name = escape(evaluation.name_of(contender, say))
        shown.add_row(name, *cells, style="bold" * (contender is evaluation.model))
    return shown


def _cell(estimate: Estimate, digits: int, say: Texts) -> str:
    return f"{say.number(estimate.value, digits)}\n[dim]{say.interval(estimate, digits)}[/]"
