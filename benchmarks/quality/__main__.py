"""``make bench-quality``: every contender on every task, as tables, JSON and reliability diagrams."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality.answer import Effort
from benchmarks.quality.contenders import CONTENDERS, Contender
from benchmarks.quality.diagram import write_diagrams
from benchmarks.quality.report import Settings, markdown, write_report
from benchmarks.quality.runner import ContestError, NotStoredError, Runner
from benchmarks.quality.sources import DATA
from benchmarks.quality.standing import Contest
from benchmarks.quality.store import Store
from benchmarks.quality.tasks import TASKS, cuts


def main() -> None:
    """Run what was asked for; the files are written anew after each contender of each task."""
    options = _parser().parse_args()
    if not DATA.is_dir():
        sys.stdout.write(f"There are no data sets at {DATA}: set WHYLEAD_DATA.\n")
        return
    budgets = tuple(dict.fromkeys(each for given in options.budget for each in given))
    settings = Settings(
        budgets, options.peer_budget, options.prequential_budget, options.threads, options.retrain_every,
        options.recalibrate,
    )  # fmt: skip
    store = Store(options.out / "quality", options.resume or options.stored)
    runner = Runner(store, runs=not options.stored)
    contests: list[Contest] = []
    for task in (TASKS[name] for name in options.tasks):
        _tell(f"{task.name}: computing features")
        contests.append(Contest(task, list(cuts(task, settings.retrain_every))))
        for contender in (CONTENDERS[name] for name in options.contenders):
            for budget in _budgets(contender, contests[-1], settings):
                _compete(runner, contests[-1], contender, Effort(budget, task.threads or settings.threads), settings)
                write_report(contests, settings, options.out)
        write_diagrams(contests, settings, options.out / "reliability.svg")
    sys.stdout.write(markdown(contests, settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS), metavar="TASK")
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS), metavar="NAME")
    parser.add_argument(
        "--budget", nargs="+", type=_seconds, default=[[60.0]], help="seconds of ours, several to compare them: 10,60"
    )
    parser.add_argument("--peer-budget", type=float, default=60.0, help="seconds of the peers that tune themselves")
    parser.add_argument("--prequential-budget", type=float, default=10.0, help="seconds of ours and of peers per block")
    parser.add_argument("--retrain-every", type=int, default=1, help="blocks between two trainings")
    parser.add_argument(
        "--recalibrate", choices=("all", "ours", "nobody"), default="all", help="who follows fresh outcomes in between"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="use the answers that are there already")
    parser.add_argument(
        "--stored", action="store_true", help="run nobody: tables of the answers that are there already"
    )
    parser.add_argument("--out", type=Path, default=Path("workspace/bench"))
    return parser


def _seconds(text: str) -> list[float]:
    return [float(each) for each in text.split(",") if each]


def _budgets(contender: Contender, contest: Contest, settings: Settings) -> Iterator[float]:
    """The budgets with which a contender takes part; 0 for one that has none."""
    if not contender.budgeted:
        yield 0.0
    elif contest.task.prequential:
        yield settings.prequential_budget
    elif contender.kind == "ours":
        yield from settings.budgets
    else:
        yield settings.peer_budget


def _compete(runner: Runner, contest: Contest, contender: Contender, effort: Effort, settings: Settings) -> None:
    """Let a contender answer all cuts of a task; where it fails, that is what is told."""
    _tell(f"{contest.task.name}: {contender.label}")
    try:
        solved = runner.solve(contest.task.name, contender, [cut.problem for cut in contest.cuts], effort)
    except NotStoredError:
        _tell(f"{contest.task.name}: {contender.label} was not run")
    except ContestError as error:
        contest.fail(contender, effort.budget, str(error))
        _tell(f"{contest.task.name}: {contender.label} has no figures: {error}")
    else:
        recalibrate = settings.recalibrates(contest, contender)
        contest.add(contender, effort.budget, solved, recalibrate=recalibrate)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
