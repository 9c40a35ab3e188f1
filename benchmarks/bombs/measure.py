"""Runs a command on each bomb, in a process of its own, and looks at its time and memory."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bombs import others, texts, workbooks
from benchmarks.bombs.bomb import MAPPING, Bomb, write_healthy
from benchmarks.results import Result

BOMBS = [*texts.BOMBS, *workbooks.BOMBS, *others.BOMBS]
SECONDS, BYTES = 10.0, 500_000_000  # above a healthy file of the same kind
PATIENCE = 120.0
PAGE = 4096


@dataclass(frozen=True)
class Answer:
    """What a command took, and said."""

    seconds: float  # of the processor, so that what else the machine does makes no difference
    passed: float  # seconds that passed
    peak: int  # bytes, of the process and its children together
    code: int | None  # None: ended from outside, after PATIENCE
    said: str


def run(_scale: float, only: str = "") -> list[Result]:
    """A result for each bomb: the bar over what it took, in time or in memory, whichever is closer."""
    with tempfile.TemporaryDirectory(prefix="whylead-bombs-") as directory:
        usual = {name: _answer(_healthy(name), Path(directory)).peak for name in ("import", "map")}
        return [_result(bomb, Path(directory), usual[bomb.command]) for bomb in BOMBS if only in bomb.name]


def _healthy(command: str) -> Bomb:
    return Bomb("a healthy file", "leads.csv", write_healthy, "", command)


def _result(bomb: Bomb, directory: Path, usual: int) -> Result:
    answer = _answer(bomb, directory)
    above = max(answer.peak - usual, 1)
    right = answer.code in (0, 1, 2) and bomb.says in answer.said and "Traceback" not in answer.said
    ratio = min(SECONDS / answer.seconds, BYTES / above) if right else 0.0
    took = f"{answer.seconds:.1f} s (passed: {answer.passed:.1f}), {above / 1e6:+,.0f} MB, exit code {answer.code}"
    note = f"{took}: {answer.said[:200]}"
    sys.stderr.write(f"{bomb.file}: {bomb.name}: {note}\n")
    return Result(f"{bomb.file}: {bomb.name}", "10 s, 500 MB above normal", ratio, 1.0, None, note)


def _answer(bomb: Bomb, directory: Path) -> Answer:
    place = directory / "bomb"
    (place / "source").mkdir(parents=True)
    (place / "mapping.yaml").write_text(MAPPING.format(file=bomb.file))
    bomb.write(place / "source" / bomb.file)
    words = {
        "import": ["import", "--mapping", "mapping.yaml", "--source", "source", "--workspace", "ws"],
        "map": ["map", "source", "--out", "draft.yaml"],
    }[bomb.command]
    with (place / "said").open("w+") as said:
        started = time.perf_counter()
        command = [sys.executable, "-c", "from pipelines.cli import main; main()", *words]
        process = subprocess.Popen(command, cwd=place, stdout=said, stderr=said)
        peak, ended = 0, False
        while True:
            pid, status, used = os.wait4(process.pid, 0 if ended else os.WNOHANG)
            passed = time.perf_counter() - started
            if pid:
                break
            peak = max(peak, _resident(process.pid))
            if passed > PATIENCE:
                process.kill()
                ended = True
            time.sleep(0.02)
        said.seek(0)
        text = " ".join(said.read().split())
    shutil.rmtree(place)
    code = None if ended else os.waitstatus_to_exitcode(status)
    return Answer(used.ru_utime + used.ru_stime, passed, peak, code, text)


def _resident(pid: int) -> int:
    """The bytes in memory of a process and its children."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return own + sum(_resident(int(child)) for child in children)


if __name__ == "__main__":
    run(1.0, *sys.argv[1:2])
