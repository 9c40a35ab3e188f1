"""An hour: steps that a person takes, what they see at each, and whether it is what they were promised."""

import contextlib
import io
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from pipelines.cli import main
from pipelines.workspace.workspace import Workspace
from tests.conftest import REPOSITORY

SHOWN = 12  # lines of an output
PATIENCE = 120.0
TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Seen:
    """What a command printed on both streams, and its exit code."""

    text: str
    code: int

    @property
    def flat(self) -> str:
        """The text on one line: tables and narrow terminals break sentences."""
        return " ".join(self.text.split())


@dataclass
class Hour:
    """The hour of one person on a finished workspace; ``broken`` are the promises that were not kept.

    ``workspace`` is only looked at; ``scratch`` is a directory of the person's own.
    """

    workspace: Workspace
    scratch: Path
    broken: list[str] = field(default_factory=list)
    _title: str = ""

    def step(self, title: str) -> None:
        """What the person wants to do next."""
        self._title = title
        _say(f"\n## {title}")

    def run(self, *words: str, code: int = 0, shown: int = SHOWN) -> Seen:
        """Run a command line in this process, show it with its output, and check its exit code."""
        _say(f"$ whylead {shlex.join(words)}")
        text, ended = io.StringIO(), 0
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            try:
                main(list(words))
            except SystemExit as end:
                ended = end.code if isinstance(end.code, int) else 1
        return self._show(Seen(text.getvalue(), ended), code, shown)

    def run_apart(self, *words: str, code: int = 0) -> Seen:
        """Run a command line in a process of its own, which some commands replace by another."""
        _say(f"$ whylead {shlex.join(words)}")
        with self._process(words) as process:
            text, _ = process.communicate(timeout=PATIENCE)
        return self._show(Seen(text, process.returncode), code, SHOWN)

    def check(self, promise: str, kept: bool) -> None:
        """The verdict about one promise."""
        _say(f"{'ok  ' if kept else 'POOR'} {promise}")
        if not kept:
            self.broken.append(f"{self._title}: {promise}")

    def stop(self, *words: str, once: str) -> Seen:
        """Start a command in a process of its own and press Ctrl-C a second after it has loaded a library."""
        _say(f"$ whylead {shlex.join(words)}    (Ctrl-C)")
        with self._process(words) as process:
            deadline = time.monotonic() + PATIENCE
            while once not in _loaded(process.pid) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=PATIENCE)
        return self._show(Seen(text, process.returncode), 130, SHOWN)

    @contextlib.contextmanager
    def served(self, *words: str) -> Iterator[httpx.Client]:
        """A server of the workspace on a free port; at the end Ctrl-C, after which it has to be quiet."""
        _say(f"$ whylead {shlex.join(words)}")
        with self._process(words) as process:
            assert process.stdout is not None
            log = ""
            while (found := re.search(r"http://[\d.]+:(\d+)", log)) is None:
                line = process.stdout.readline()
                assert line, f"the server did not start: {log}"
                log += line
            address = found[0]
            with httpx.Client(base_url=address, timeout=PATIENCE, follow_redirects=True) as client:
                _await_ready(client)
                yield client
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=PATIENCE)
        self._show(Seen(log + rest, process.returncode), 0, SHOWN)

    def post(self, client: httpx.Client, body: str, path: str = "/v1/score", status: int = 200) -> httpx.Response:
        """Send a body as a person types it, and show the answer."""
        _say(f"$ curl -s {client.base_url}{path} -H 'Content-Type: application/json' -d '{body}'")
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        _say(_short(answer.text.replace("},", "},\n"), SHOWN))
        self.check(f"status {status}", answer.status_code == status)
        return answer

    def copy_of_workspace(self) -> Workspace:
        """The workspace copied as people copy folders."""
        copy = self.scratch / "mi espacio ñ"
        if not copy.exists():
            shutil.copytree(self.workspace.root, copy)
        return Workspace(copy)

    def _show(self, seen: Seen, code: int, shown: int) -> Seen:
        _say(_short(seen.text, shown))
        self.check(f"exit code {code}" + ("" if seen.code == code else f", not {seen.code}"), seen.code == code)
        if TRACEBACK in seen.text:
            self.check("no traceback", kept=False)
        return seen

    @contextlib.contextmanager
    def _process(self, words: tuple[str, ...]) -> Iterator["subprocess.Popen[str]"]:
        code = "from pipelines.cli import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=REPOSITORY,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()


def _await_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the server was not ready in time")


def _loaded(pid: int) -> str:
    """The libraries that a process has loaded (Linux)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return ""


def _short(text: str, lines: int) -> str:
    all_lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    more = [f"... ({len(all_lines) - lines} more lines)"] if len(all_lines) > lines else []
    return "\n".join(f"  {line[:160]}" for line in [*all_lines[:lines], *more])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
