"""Commands killed at the system calls with which they write, and what the next command makes of what they left.

strace kills a command at the n-th call of a kind. Then the command that follows it has to give what it gives before or
after the killed one, or to refuse and name a command; and the killed command, run again, has to give what it always
gives.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

CALLS = (
    "write", "pwrite64", "writev", "openat", "mkdir", "rename", "renameat2", "unlink", "rmdir", "fsync", "fdatasync",
    "ftruncate", "link", "symlink",
)  # fmt: skip
PROGRAM = """
import sys
from functools import partial
from models.learning.settings import STUMPS, LearnerSettings
from pipelines.cli import main
from pipelines.training import stage
stage.LearnerSettings = partial(LearnerSettings, trees={"stumps": STUMPS}, variants={})
main(sys.argv[1:])
"""
OUTPUTS = {
    "import": ("tables",),
    "features": ("features",),
    "train": ("model/components", "model/calibrator.json", "model/features.json"),
    "evaluate": ("evaluation/metrics.json",),
    "explain": ("explanation/shap.parquet",),
    "register": ("champion/components", "champion/calibrator.json"),
    "promote": ("champion/components", "champion/calibrator.json"),
    "score": ("scores.csv",),
}
COMMANDS = tuple(OUTPUTS)
ENDED, REFUSED = 0, 2


@dataclass(frozen=True)
class Kill:
    """One command killed at one call, and what was wrong afterwards; nothing where all was right."""

    command: str
    call: str
    number: int
    wrong: str

    def __str__(self) -> str:
        return f"{self.command} killed at {self.call} {self.number}: {self.wrong or 'right'}"


class Company:
    """A workspace through all commands: with one export, and with another one after it."""

    def __init__(self, root: Path, leads: int) -> None:
        self.root = root
        self.sources = [root / f"source{number}" for number in (0, 1)]
        for number, source in enumerate(self.sources):
            told = run("simulate", "--leads", str(leads), "--seed", str(number + 3), "--out", str(source))
            assert told.returncode == ENDED, told.stderr
        self._advance()

    def _advance(self) -> None:
        """Keep the workspace as it is before each command of the second round, and after the last."""
        workspace = self.root / "w"
        for source in self.sources:
            for command in COMMANDS:
                if source is self.sources[1]:
                    shutil.copytree(workspace, self.before(command))
                if command != "promote" or source is self.sources[1]:  # the first model is the champion
                    told = run(*self.arguments(command, workspace, source))
                    assert told.returncode == ENDED, f"{command}: {told.stderr}"
        shutil.copytree(workspace, self.before("the end"))

    def before(self, command: str) -> Path:
        """The workspace before a command of the second round."""
        return self.root / "before" / command

    def arguments(self, command: str, workspace: Path, source: Path | None = None) -> list[str]:
        """A command on a workspace."""
        options = {
            "import": ["--mapping", "simulated", "--source", str(source or self.sources[1])],
            "train": ["--budget", "0"],
            "score": ["--out", str(workspace / "scores.csv")],
        }
        return [command, *options.get(command, []), "--workspace", str(workspace)]


def run(*arguments: str, under: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, below strace where that is asked for."""
    command = [*under, sys.executable, "-c", PROGRAM, *arguments]
    environment = os.environ | {"WHYLEAD_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def digest(workspace: Path, command: str) -> str:
    """Of what the command made."""
    found = hashlib.sha256()
    for output in OUTPUTS[command]:
        path = workspace / output
        for file in sorted([path] if path.is_file() else path.rglob("*")):
            if file.is_file():
                found.update(f"{file.relative_to(workspace)}\n".encode() + file.read_bytes())
    return found.hexdigest()


def next_of(command: str) -> str:
    """What follows a command; after the last it is the last."""
    return [*COMMANDS, COMMANDS[-1]][COMMANDS.index(command) + 1]


def calls_of(company: Company, command: str, scratch: Path) -> list[tuple[str, int]]:
    """The writing calls of a command's first thread, as kind and number: one of each kind in turn."""
    workspace = fresh(company.before(command), scratch / "w")
    log = scratch / "calls"
    told = run(
        *company.arguments(command, workspace), under=["strace", "-f", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
    )
    assert told.returncode == ENDED, told.stderr
    lines = log.read_text("utf-8", "replace").splitlines()
    first = lines[0].split()[0]
    seen = Counter[str]()
    places: dict[str, list[int]] = {}
    for line in lines:
        found = re.match(rf"{first} +(\w+)\(", line)
        if not found:
            continue
        call = found[1]
        seen[call] += 1
        if call != "openat" or "O_CREAT" in line or "O_WRONLY" in line or "O_RDWR" in line:
            places.setdefault(call, []).append(seen[call])
    rounds = zip_longest(*([(call, number) for number in spread(numbers)] for call, numbers in places.items()))
    return [point for each in rounds for point in each if point is not None]


def spread(numbers: list[int]) -> Iterator[int]:
    """The last, the first, the one between them, those between these, and so on; each once."""
    given: set[int] = set()
    step = len(numbers)
    while step >= 1:
        for index in range(len(numbers) - 1, -1, -step):
            if numbers[index] not in given:
                given.add(numbers[index])
                yield numbers[index]
        step = step // 2


def fresh(kept: Path, workspace: Path) -> Path:
    """The workspace as it was kept, at the place where all commands look."""
    shutil.rmtree(workspace, ignore_errors=True)
    shutil.copytree(kept, workspace)
    return workspace


class Drill:
    """The kills of one command."""

    def __init__(self, company: Company, command: str, scratch: Path) -> None:
        self.company, self.command, self.scratch = company, command, scratch
        self.follower = next_of(command)
        after = COMMANDS.index(command) + 1
        self.kept = company.before(command), company.before([*COMMANDS, "the end"][after])
        self.right = {self._followed(each) for each in self.kept}
        self.whole = digest(self.kept[1], command)

    def _followed(self, kept: Path) -> str:
        workspace = fresh(kept, self.scratch / "w")
        told = run(*self.company.arguments(self.follower, workspace))
        return digest(workspace, self.follower) if told.returncode == ENDED else "refused"

    def kill(self, call: str, number: int) -> Kill:
        """Kill the command at a call, and look."""
        workspace = fresh(self.kept[0], self.scratch / "w")
        inject = f"inject={call}:signal=SIGKILL:when={number}"
        arguments = self.company.arguments(self.command, workspace)
        killed = run(*arguments, under=["strace", "-f", "-o", os.devnull, "-e", f"trace={call}", "-e", inject])
        if killed.returncode in (ENDED, REFUSED):
            return Kill(self.command, call, number, "" if killed.returncode == ENDED else killed.stderr[-300:])
        left = fresh(workspace, self.scratch / "left")
        wrong = self._follow(workspace) or self._again(arguments, fresh(left, workspace))
        return Kill(self.command, call, number, wrong)

    def _follow(self, workspace: Path) -> str:
        told = run(*self.company.arguments(self.follower, workspace))
        if told.returncode == ENDED:
            right = digest(workspace, self.follower) in self.right
            return "" if right else f"{self.follower} gave another result"
        speaks = told.returncode == REFUSED and "Traceback" not in told.stderr and "whylead " in told.stderr
        return "" if speaks else f"{self.follower} ended with {told.returncode}: {told.stderr[-300:]}"

    def _again(self, arguments: list[str], workspace: Path) -> str:
        told = run(*arguments)
        named = re.search(r"`whylead ([^`]+)`", told.stderr)
        if told.returncode == REFUSED and named:  # the way out that it names
            told = run(*named[1].split(), "--workspace", str(workspace))
        if told.returncode != ENDED:
            return f"run again it ended with {told.returncode}: {told.stderr[-300:]}"
        return "" if digest(workspace, self.command) == self.whole else "run again it gave another result"


def drill(kills: int, leads: int, commands: Sequence[str] = COMMANDS) -> Iterator[Kill]:
    """So many kills, spread over the commands."""
    with tempfile.TemporaryDirectory() as directory:
        company = Company(Path(directory), leads)
        scratch = Path(directory) / "scratch"
        scratch.mkdir()
        for number, command in enumerate(commands):
            of_this = kills // len(commands) + (number < kills % len(commands))
            each = Drill(company, command, scratch)
            for call, place in calls_of(company, command, scratch)[:of_this]:
                yield each.kill(call, place)


def main() -> None:
    """Print each kill and what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--leads", type=int, default=300)
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS)
    options = parser.parse_args()
    wrong = 0
    for each in drill(options.kills, options.leads, options.commands):
        sys.stdout.write(f"{each}\n")
        sys.stdout.flush()
        wrong += bool(each.wrong)
    sys.stdout.write(f"{wrong} wrong\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
