"""whylead alone against the log losses that it has to reach, for ``make bench``."""

from pathlib import Path

from benchmarks.quality.answer import Effort
from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.runner import Runner
from benchmarks.quality.scores import score
from benchmarks.quality.sources import DATA
from benchmarks.quality.store import Store
from benchmarks.quality.tasks import TASKS, Task, cuts
from benchmarks.results import Result

THREADS = 2


def run(budget: float, out: Path) -> list[Result]:
    """Every task that has a bar; nothing where the data sets are absent."""
    if not DATA.is_dir():
        return [Result("quality", f"no data sets at {DATA}: set WHYLEAD_DATA", float("nan"), 0.0)]
    runner = Runner(Store(out / "quality", resume=False))
    return [_measure(task, task.bar, runner, budget) for task in TASKS.values() if task.bar]


def _measure(task: Task, bar: float, runner: Runner, budget: float) -> Result:
    (cut,) = cuts(task)
    (solved,) = runner.solve(task.name, CONTENDERS["whylead"], [cut.problem], Effort(budget, THREADS))
    found = score(cut.y_test, solved.answer.p, cut.lead_test)
    note = f"ROC AUC {found.roc_auc:.4f}, log loss {found.log_loss:.4f}"
    return Result(task.name, f"log loss of at most {bar}", bar / found.log_loss, 1.0, None, note)
