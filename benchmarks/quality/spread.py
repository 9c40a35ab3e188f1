"""How much the log loss depends on the seed and on what else the machine does: ``python -m`` this, and tasks."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.quality.answer import Effort
from benchmarks.quality.contenders import CONTENDERS
from benchmarks.quality.runner import Runner
from benchmarks.quality.scores import score
from benchmarks.quality.store import Store
from benchmarks.quality.tasks import TASKS, Task, cuts

THREADS = 2


@dataclass(frozen=True)
class Spread:
    """The log losses of a task, one per seed, beside so many busy processes."""

    task: str
    busy: int
    losses: list[float]

    def row(self) -> str:
        """The least, the mean, the largest, and how far the ends are apart."""
        least, most = min(self.losses), max(self.losses)
        figures = (least, sum(self.losses) / len(self.losses), most, most - least)
        return f"| {self.task} | {self.busy} | {' | '.join(f'{each:.4f}' for each in figures)} |"


def main() -> None:
    """Print a table; a row as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.spread", description=__doc__)
    static = [name for name, task in TASKS.items() if not task.prequential and task.size is None]
    parser.add_argument("tasks", nargs="+", choices=static, metavar="TASK")
    parser.add_argument("--contender", choices=list(CONTENDERS), default="whylead", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 2], help="processes that keep the machine busy")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds")
    options = parser.parse_args()
    sys.stdout.write("| task | busy processes | least | mean | largest | spread |\n|" + " --- |" * 6 + "\n")
    for task in (TASKS[name] for name in options.tasks):
        for busy in options.busy:
            sys.stdout.write(spread(task, options.contender, options.seeds, busy, options.budget).row() + "\n")
            sys.stdout.flush()


def spread(task: Task, contender: str, seeds: int, busy: int, budget: float) -> Spread:
    """A contender's log losses on a task of one cut, with seeds from 0."""
    (cut,) = cuts(task)
    losses = []
    with TemporaryDirectory() as directory, kept_busy(busy):
        runner = Runner(Store(Path(directory), resume=False))
        for seed in range(seeds):
            effort = Effort(budget, THREADS, seed)
            (solved,) = runner.solve(task.name, CONTENDERS[contender], [cut.problem], effort)
            losses.append(score(cut.y_test, solved.answer.p, cut.lead_test).log_loss)
    return Spread(task.name, busy, losses)


@contextmanager
def kept_busy(processes: int) -> Iterator[None]:
    """So many processes that do nothing but work."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for each in started:
            each.kill()
            each.wait()


if __name__ == "__main__":
    main()
