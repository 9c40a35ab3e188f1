"""``make bench``: every comparison in one run, as a table and as workspace/bench/results.json."""

import argparse
import sys
from pathlib import Path

from benchmarks import truth, windows
from benchmarks.quality import bars
from benchmarks.results import markdown, write_results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size, 0 to 1")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tuning per model")
    parser.add_argument("--out", type=Path, default=Path("workspace/bench"))
    options = parser.parse_args()
    results = [
        *windows.run(options.scale),
        *truth.run(options.scale, options.budget),
        *bars.run(options.budget, options.out),
    ]
    write_results(results, options.out)
    sys.stdout.write(markdown(results))
    sys.exit(0 if all(each.reached for each in results) else 1)


if __name__ == "__main__":
    main()
