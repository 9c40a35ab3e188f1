"""Scores with reasons over HTTP, one worker and sixteen connections, against a handler that does nothing and MLflow.

All servers run from start to end and are loaded in turn, so that a loud machine is loud for each of them. Every answer
is compared with what it should be before the clock starts.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.bodies import batch_probabilities, choose, fields, make_bodies
from benchmarks.contestants import Contestant, empty, mlflow_booster, mlflow_champion, ours
from benchmarks.load import Measured, Target
from benchmarks.processes import free_port, running
from benchmarks.results import Result
from data_contracts.errors import ArtifactError
from models.storage.artifact import load_artifact
from pipelines.workspace.workspace import Workspace

CONNECTIONS, ROUNDS, SECONDS, BODIES = 16, 7, 4.0, 64
DEMO = Path("workspace/bench/demo")


@dataclass
class Heat:
    """A contestant that listens, and what each round gave."""

    contestant: Contestant
    target: Target
    rounds: list[Measured] = field(default_factory=list)

    def median(self, of: Callable[[Measured], float]) -> float:
        return statistics.median(of(each) for each in self.rounds)

    @property
    def per_second(self) -> float:
        return self.median(lambda each: each.per_second)

    @property
    def p99(self) -> float:
        return self.median(lambda each: each.p99)

    def __str__(self) -> str:
        refused = sum(each.refused for each in self.rounds)
        return f"{self.per_second:,.0f}/s, p99 {self.p99:.1f} ms{f', {refused} REFUSED' if refused else ''}"

    def difference(self) -> float:
        """The largest difference of the answers to what they should be; an answer other than 200 raises."""
        numbers = [self.contestant.number(_post(self.target, body)) for body in self.contestant.bodies]
        return max(abs(one - other) for one, other in zip(numbers, self.contestant.expected, strict=True))


def run(scale: float, workspace: Path | None = None) -> list[Result]:
    """Requests per second and p99 of the demo's champion; a scale below 1 makes rounds fewer and shorter."""
    demo = Workspace(workspace or made_demo())
    leads = choose(demo, BODIES)
    bodies = make_bodies(demo, leads)
    with tempfile.TemporaryDirectory(prefix="whylead-http-") as directory, ExitStack() as servers:
        place = Path(directory)
        expected = batch_probabilities(demo, leads, place / "scores.parquet")
        contestants = [
            ours(demo, bodies, expected),
            empty(bodies),
            mlflow_booster(demo, len(leads), place),
            mlflow_champion(demo, bodies, expected),
        ]
        heats = [servers.enter_context(started(each, place)) for each in contestants]
        differences = [heat.difference() for heat in heats]
        for heat in heats:
            heat.target.load(CONNECTIONS, 1.0)
        for _ in range(max(3, round(ROUNDS * scale))):
            for heat in heats:
                heat.rounds.append(heat.target.load(CONNECTIONS, max(1.0, SECONDS * scale)))
    return results(heats, differences, f"{statistics.mean(map(fields, bodies)):.0f} values a body")


@contextmanager
def started(contestant: Contestant, directory: Path) -> Iterator[Heat]:
    """The contestant's server, listening."""
    port = free_port()
    bodies, log = directory / f"{port}.json", directory / f"{port}.log"
    bodies.write_text("\n".join(map(json.dumps, contestant.bodies)))
    with running([*contestant.command, str(port)], port, contestant.ready, log, **contestant.environment):
        yield Heat(contestant, Target(port, contestant.path, bodies))


def results(heats: list[Heat], differences: list[float], size: str) -> list[Result]:
    """Ours, the first, against the others, the next of which does nothing; a refusal under load misses every bar."""
    first, nothing, booster, pyfunc = heats
    refused = any(measured.refused for heat in heats for measured in heat.rounds)

    def compared(heat: Heat, at_least: float, difference: float) -> Result:
        ratio = float("nan") if refused else first.per_second / heat.per_second
        against = heat.contestant.name
        return Result("POST /v1/score: requests/s", against, ratio, at_least, difference, f"{first} against {heat}")

    share = first.median(lambda each: each.cpu_share)
    p99 = float("nan") if refused else 3 * nothing.p99 / first.p99
    note = f"{first.p99:.2f} ms against {nothing.p99:.2f} ms; {size}; the generator took {share:.0%} of a core"
    return [
        compared(nothing, 0.4, differences[0]),
        Result("POST /v1/score: p99, 3 x theirs over ours", nothing.contestant.name, p99, 1.0, None, note),
        compared(booster, 40.0, differences[2]),
        compared(pyfunc, 1.0, differences[3]),
    ]


def made_demo() -> Path:
    """The workspace of ``whylead demo``, made if it is not there or its model was made by other definitions."""
    try:
        load_artifact(Workspace(DEMO).champion)
    except ArtifactError:
        shutil.rmtree(DEMO, ignore_errors=True)  # beside a champion that cannot be read a new model is a challenger
        program = [sys.executable, "-c", "from pipelines.cli import main; main()", "demo", "--workspace", str(DEMO)]
        subprocess.run(program, check=True, stdout=sys.stderr)
    return DEMO


def _post(target: Target, body: dict[str, Any]) -> dict[str, Any]:
    address = f"http://127.0.0.1:{target.port}{target.path}"
    asked = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        read: dict[str, Any] = json.load(answer)
    return read
