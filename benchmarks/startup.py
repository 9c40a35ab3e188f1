"""Seconds until ``whylead --help`` has answered and until ``whylead serve`` is ready, with everything compiled."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.http import made_demo
from benchmarks.processes import free_port, running
from benchmarks.results import Result
from pipelines.workspace.workspace import Workspace

ROUNDS = 9
HELP_BAR, READY_BAR = 0.3, 2.0  # seconds
WHYLEAD = str(Path(sys.executable).with_name("whylead"))


def run(scale: float, workspace: Path | None = None) -> list[Result]:
    """The bar over the median of several starts."""
    champion = Workspace(workspace or made_demo()).champion
    rounds = max(3, round(ROUNDS * scale))
    shown = statistics.median(_help() for _ in range(rounds))
    with tempfile.TemporaryDirectory(prefix="whylead-startup-") as directory:
        ready = statistics.median(_serve(champion, Path(directory) / "log") for _ in range(rounds))
    return [
        Result("whylead --help", "0.3 s", HELP_BAR / shown, 1.0, None, f"{shown:.2f} s, median of {rounds}"),
        Result("whylead serve until ready", "2 s", READY_BAR / ready, 1.0, None, f"{ready:.2f} s, median of {rounds}"),
    ]


def _help() -> float:
    started = time.perf_counter()
    subprocess.run([WHYLEAD, "--help"], check=True, capture_output=True)
    return time.perf_counter() - started


def _serve(champion: Path, log: Path) -> float:
    port = free_port()
    with running([WHYLEAD, "serve", "--model", str(champion), "--port", str(port)], port, "/readyz", log) as took:
        return took
