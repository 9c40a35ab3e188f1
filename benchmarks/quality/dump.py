"""Every task as files, so that a learner can be tried without importing again: ``python -m`` this, and a folder."""

import argparse
import sys
from pathlib import Path

import numpy as np

from benchmarks.quality.cut import Cut
from benchmarks.quality.sources import DATA
from benchmarks.quality.tasks import TASKS, Task, cuts


def main() -> None:
    """Write the tasks that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.dump", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder")
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS), metavar="TASK")
    options = parser.parse_args()
    for task in (TASKS[name] for name in options.tasks):
        if task.needs_data and not DATA.is_dir():
            sys.stderr.write(f"{task.name}: there are no data sets at {DATA}: set WHYLEAD_DATA.\n")
        else:
            sys.stderr.write(f"{task.name}: {dump(task, options.out)} cuts\n")


def dump(task: Task, out: Path, data: Path = DATA) -> int:
    """Write ``OUT/TASK/NN.npz`` (Problem.save) and ``OUT/TASK/NN.test.npz`` for each cut; how many there are."""
    (out / task.name).mkdir(parents=True, exist_ok=True)
    number = -1
    for number, cut in enumerate(cuts(task, data=data)):
        cut.problem.save(out / task.name / f"{number:02d}.npz")
        _save_test(cut, out / task.name / f"{number:02d}.test.npz")
    return number + 1


def _save_test(cut: Cut, path: Path) -> None:
    """``y``, ``lead``, ``block`` (m,) of the test rows, and ``truth`` where it is known."""
    known = {} if cut.truth is None else {"truth": cut.truth}
    np.savez(path, allow_pickle=False, y=cut.y_test, lead=cut.lead_test, block=cut.block, **known)


if __name__ == "__main__":
    main()
