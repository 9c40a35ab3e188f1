"""Damages an artifact very many times, guided by what of the code each damage reaches (``make fuzz``).

Counts what became of each: refused; the same probabilities as before; another model, where all checksums were made
anew; loaded wrongly; ended in something else than an error of ours; took more than a second. Exits with 1 where any of
the last three happened, and keeps those artifacts.
"""

import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from types import FunctionType
from typing import Any

import atheris
import typer

from models.storage.signature import SIGNING_KEY, VERIFY_KEY
from tests.models.storage import damage
from tests.models.storage.damage import Files, Outcome, Tried
from tests.models.storage.test_damaged_artifact import save
from tests.models.storage.test_signature import make_keys

# What reads artifacts. Functions are instrumented one by one: numba reads the byte code of compiled ones.
READERS = (
    "data_contracts.agreement",
    "data_contracts.located_yaml",
    "data_contracts.strict_json",
    "features.values.attributes",
    "features.values.windows",
    "features.view",
    "models.calibration.calibrators",
    "models.logistic.component",
    "models.logistic.terms",
    "models.margin.components",
    "models.policy.reference",
    "models.storage.artifact",
    "models.storage.files",
    "models.storage.manifest",
    "models.storage.signature",
    "models.storage.vocabulary",
    "models.trees.lightgbm_text",
    "models.trees.text_checks",
)
SLOW = 1.0  # seconds of the processor
MORE_MEMORY = 200  # MB above the normal
KEPT = 20  # artifacts of each kind that went wrong
EVERY = 5_000  # runs between two reports


class Fuzzing:
    """One artifact that is damaged again and again, another whose files take the place of its own, and the counts."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.done = 0
        self.directory = Path(mkdtemp(prefix="whylead-fuzz-"))
        keys = make_keys(self.directory)
        os.environ[SIGNING_KEY] = str(keys / "ours.pem")
        self.public = str(keys / "ours.pub.pem")
        self.files = damage.read(save(self.directory / "one", 0.9))
        self.other = damage.read(save(self.directory / "other", 0.8))
        del os.environ[SIGNING_KEY]
        self.expected = damage.probabilities(self.directory / "one")
        self.now: Files = {}
        self.counts: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.slowest = 0.0
        self.most_memory = 0
        self.started = time.monotonic()

    def one(self, data: bytes) -> None:
        """What one input of the fuzzer stands for."""
        given = atheris.FuzzedDataProvider(data)

        def below(end: int) -> int:
            return int(given.ConsumeIntInRange(0, end - 1))

        kind = ("bytes", "structure", "swapped")[min(below(7) // 3, 2)]
        anew, asked = below(3) > 0, below(8) == 0
        files = self._damaged(kind, below)
        if anew:
            files = damage.sealed(files, self.files, self.directory)
        if asked:
            os.environ[VERIFY_KEY] = self.public
        damage.write(files, self.directory / "copy", self.now)
        self.now = files
        before = _forget_peak()
        tried = damage.attempt(self.directory / "copy", self.expected)
        memory = _megabytes("VmHWM") - before
        os.environ.pop(VERIFY_KEY, None)
        self._count(
            " ".join([kind, *["sealed anew"] * anew, *["signature asked"] * asked]), tried, memory, anew and not asked
        )
        self.done += 1
        if self.done % EVERY == 0 or self.done == self.runs:
            self.report()
        if self.done == self.runs:
            sys.stdout.flush()
            os._exit(1 if self.wrong else 0)

    def _damaged(self, kind: str, below: Callable[[int], int]) -> Files:
        match kind:
            case "bytes":
                return damage.by_bytes(self.files, below)
            case "structure":
                return damage.by_structure(self.files, below)
            case _:
                return damage.swapped(self.files, self.other, below)

    def _count(self, kind: str, tried: Tried, memory: int, may_differ: bool) -> None:
        outcome: Outcome | str = tried.outcome
        if outcome == "another" and not may_differ:
            outcome = "loaded wrongly"
        self.counts[f"{kind}: {outcome}"] += 1
        self.slowest, self.most_memory = max(self.slowest, tried.seconds), max(self.most_memory, memory)
        for name, is_so in (
            ("loaded wrongly", outcome == "loaded wrongly"),
            ("traceback", outcome == "traceback"),
            ("slow", tried.seconds > SLOW),
            ("memory", memory > MORE_MEMORY),
        ):
            if is_so:
                self.wrong[name] += 1
                if self.wrong[name] <= KEPT:
                    kept = self.directory / "wrong" / f"{name}-{self.done}"
                    damage.write(self.now, kept)
                    (kept / "said.txt").write_text(f"{kind}\n{tried}\n")

    def report(self) -> None:
        """Tell what became of all so far."""
        total: Counter[str] = Counter()
        for name, count in self.counts.items():
            total[name.rpartition(": ")[2]] += count
        wrong = {name: self.wrong[name] for name in ("loaded wrongly", "traceback", "slow", "memory")}
        told: dict[str, Any] = {
            "runs": self.done,
            "seconds": round(time.monotonic() - self.started),
            "outcomes": dict(sorted(total.items())),
            "wrong": wrong,
            "slowest in seconds of the processor": round(self.slowest, 3),
            "most memory of one in MB": self.most_memory,
            "by kind": dict(sorted(self.counts.items())),
            "directory": str(self.directory),
        }
        typer.echo(json.dumps(told, indent=1))
        sys.stdout.flush()


def instrument() -> None:
    """Let the fuzzer see which branches of the readers are reached."""
    for name in READERS:
        module = importlib.import_module(name)
        classes = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == name]
        for holder in (module, *classes):
            for found in vars(holder).values():
                function = getattr(found, "__func__", found)  # of a class method
                if isinstance(function, FunctionType) and function.__module__ == name:
                    atheris.instrument_func(function)


def _forget_peak() -> int:
    """The megabytes that are used now, from which on Linux keeps the peak."""
    Path("/proc/self/clear_refs").write_text("5")
    return _megabytes("VmRSS")


def _megabytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) // 1024


def main(runs: int = 100_000, seed: int = 1) -> None:
    """Damage an artifact so many times."""
    fuzzing = Fuzzing(runs)
    instrument()
    options = [
        f"-seed={seed}",
        "-max_len=512",
        "-len_control=0",
        "-timeout=600",
        "-rss_limit_mb=4096",
        "-verbosity=0",
        f"-artifact_prefix={fuzzing.directory}/",
    ]
    atheris.Setup([sys.argv[0], *options], fuzzing.one)
    atheris.Fuzz()


if __name__ == "__main__":
    typer.run(main)
