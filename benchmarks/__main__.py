"""``make bench``: every comparison in one run, as a table and as workspace/bench/results.json."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import bots, drill, http, importing, learning, memory, scoring, shap, startup, truth, windows
from benchmarks.bombs import measure as bombs
from benchmarks.offers import comparison
from benchmarks.quality import bars
from benchmarks.results import Result, markdown, write_results

SPEED: dict[str, Callable[[float], list[Result]]] = {
    "shap": shap.run,
    "windows": windows.run,
    "memory": memory.run,
    "importing": importing.run,
    "learning": learning.run,
    "scoring": scoring.run,
    "http": http.run,
    "startup": startup.run,
    "drill": drill.run,
    "bombs": bombs.run,
}
QUALITY = ("truth", "bots", "offers", "quality")


def main() -> None:
    """Run the parts one after the other; what is there so far is kept after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size, 0 to 1")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tuning per model")
    parser.add_argument("--parts", nargs="+", choices=[*SPEED, *QUALITY], default=[*SPEED, *QUALITY])
    parser.add_argument("--out", type=Path, default=Path("workspace/bench"))
    options = parser.parse_args()
    results: list[Result] = []
    for part in options.parts:
        sys.stderr.write(f"{part} ...\n")
        results += measure(part, options.scale, options.budget, options.out)
        write_results(results, options.out)
    sys.stdout.write(markdown(results))
    sys.exit(0 if all(each.reached for each in results) else 1)


def measure(part: str, scale: float, budget: float, out: Path) -> list[Result]:
    """The results of one part."""
    if part in SPEED:
        return SPEED[part](scale)
    if part == "bots":
        return bots.run(scale)
    if part == "offers":
        return comparison.run(scale)
    return truth.run(scale, budget) if part == "truth" else bars.run(budget, out)


if __name__ == "__main__":
    main()
