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


def show_evaluation(console: Console, evaluation: Evaluation, say: Texts = ENGLISH) -> None:
    """Print the verdict and the quality of the model and its baselines, each number with its 95% interval."""
    colour = "green" if evaluation.skill else "red"
    console.print(f"[bold {colour}]{escape(evaluation.verdict_in(say))}[/]", highlight=False)
    time_proxies = time_proxies_sentence(evaluation.time_proxies or (), say)
    assumptions = (say.translated(each) for each in evaluation.assumptions)
    for caution in (evaluation.beaten_in(say), evaluation.drift_in(say), time_proxies, *assumptions):
        if caution:
            console.print(f"[yellow]{escape(caution)}[/]", highlight=False)
    console.print(_quality(evaluation, say))
    for line in (evaluation.calibrated(say), evaluation.handed_over(say), evaluation.against_truth(say)):
        if line:
            console.print(escape(line), highlight=False)


def _quality(evaluation: Evaluation, say: Texts) -> Table:
    test = evaluation.test
    title = say("terminal.quality", test.leads, won=say.percent(test.won_rate, 1))
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    names = [evaluation.name_of(contender, say) for contender in evaluation.contenders]
    shown.add_column("", min_width=_longest_word(*names))
    for metric, column in METRIC_COLUMNS.items():
        title = f"{say(f'metrics.{metric}')} {column.arrow}"
        shown.add_column(title, justify="right", min_width=max(9, _longest_word(title)))
    for contender, name in zip(evaluation.contenders, names, strict=True):
        cells = [_cell(contender.metrics[metric], column.digits, say) for metric, column in METRIC_COLUMNS.items()]
        shown.add_row(escape(name), *cells, style="bold" * (contender is evaluation.model))
    return shown


def _longest_word(*texts: str) -> int:
    return min(14, max(len(word) for text in texts for word in text.split()))


def _cell(estimate: Estimate, digits: int, say: Texts) -> str:
    return f"{say.number(estimate.value, digits)}\n[dim]{say.interval(estimate, digits)}[/]"
