"""How fast leads are learned from: tuning trials per minute, and the time and memory that a million snapshots take."""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.results import Result
from features.feature import Feature
from models.learning.learner import learn
from models.learning.settings import LearnerSettings
from models.log_odds import expit
from models.samples.training_rows import TrainingRows

TUNED_ROWS, TUNED_FEATURES, TRIALS = 34_000, 160, 21
SNAPSHOTS, FEATURES, PER_LEAD = 1_000_000, 60, 4
TRIALS_BAR, SECONDS_BAR, BYTES_BAR = 20.0, 600.0, 8e9
LEVELS, CATEGORIES, SEED = 40, 8, 3


@dataclass
class _Trials:
    """The processor's time at which each trial began."""

    begun: list[float] = field(default_factory=list)

    def on_progress(self, text: str, _: float) -> None:
        """Called by the learner before each trial, among other times."""
        if text.startswith("tuning"):
            self.begun.append(time.process_time())

    def per_minute(self) -> float:
        """On two processors."""
        return 2 * 60 * (len(self.begun) - 1) / (self.begun[-1] - self.begun[0])


def run(scale: float) -> list[Result]:
    """Trials per minute at full size; a million snapshots, times ``scale``, in a process of its own."""
    rows = int(SNAPSHOTS * scale)
    command = [sys.executable, "-m", "benchmarks.learning", str(rows)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    per_minute = trials_per_minute()
    name = f"learning from {rows:,} snapshots, {FEATURES} features"
    note = f"{found['seconds']:.0f} s, {found['cpu']:.0f} s of CPU time, without a budget for tuning"
    return [
        Result(
            f"tuning trials per minute, {TUNED_ROWS:,} leads, {TUNED_FEATURES} features", "20", per_minute / TRIALS_BAR,
            1.0, None, f"{per_minute:.1f} by CPU time of two processors",
        ),
        Result(name, "600 s", SECONDS_BAR * scale / found["seconds"], 1.0, None, note),
        Result(f"memory of {name}", "8 GB", BYTES_BAR / found["peak"], 1.0, None, f"{found['peak'] / 1e9:.2f} GB"),
    ]  # fmt: skip


def trials_per_minute() -> float:
    """Of the search alone, without the kinds of trees that come before it."""
    trials = _Trials()
    learn(drawn_rows(TUNED_ROWS, TUNED_FEATURES, 1), LearnerSettings(trials=TRIALS), trials.on_progress)
    return trials.per_minute()


def drawn_rows(count: int, features: int, per_lead: int) -> TrainingRows:
    """Snapshots of leads in time order: numbers and CATEGORIES categories, some of which tell the outcome."""
    random = np.random.default_rng(SEED)
    lead = np.arange(count) // per_lead
    numbers = random.normal(size=(count, features - CATEGORIES))
    numbers[:, ::3] = np.floor(np.exp(numbers[:, ::3]))  # counts
    numbers[random.random(numbers.shape) < 0.1] = np.nan
    levels = random.integers(0, LEVELS, (count, CATEGORIES))
    known = np.nan_to_num(numbers[:, :12])
    score = known @ random.normal(0, 0.3, 12) + np.sign(known[:, 0] * known[:, 1])
    score += random.normal(0, 0.5, (CATEGORIES, LEVELS))[np.arange(CATEGORIES), levels].sum(axis=1)
    return TrainingRows(
        np.column_stack([numbers, levels]),
        (random.random(count) < expit(score - 2.0)).astype(float),
        weight=np.full(count, 1.0 / per_lead),
        lead=lead,
        time_rank=np.arange(count),
        split=np.where(np.arange(count) < 0.75 * count, "train", "calibrate"),
        features=tuple(_feature(place, features) for place in range(features)),
        ordered=True,
    )


def measure(count: int) -> dict[str, float]:
    """Learn from so many snapshots: seconds, seconds of the processors, and peak resident bytes."""
    rows = drawn_rows(count, FEATURES, PER_LEAD)
    started, cpu = time.perf_counter(), time.process_time()
    learn(rows, LearnerSettings())
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _feature(place: int, features: int) -> Feature:
    levels = tuple(map(str, range(LEVELS))) if place >= features - CATEGORIES else None
    kind = "count" if levels is None else "level"
    return Feature(
        f"x{place}", "firmographic", f"x{place}", kind, f"x{place}", "number", f"x{place}", categories=levels
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))
