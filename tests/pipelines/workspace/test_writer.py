"""Two processes at one workspace, or at one file."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from data_contracts.errors import BusyError, FileError
from pipelines.cli import main
from pipelines.workspace.workspace import Workspace
from pipelines.workspace.writer import writing_file

HOLD = """
import sys
from pathlib import Path
from pipelines.workspace.workspace import Workspace
from pipelines.workspace.writer import writing_file

place = Path(sys.argv[2])
with Workspace(place).writing() if sys.argv[1] == "workspace" else writing_file(place):
    print("held", flush=True)
    sys.stdin.read()
"""
WRITERS = (
    "import --mapping simulated --source nowhere",
    "run --mapping simulated --source nowhere",
    "validate", "features", "train", "evaluate", "explain", "register", "promote", "demo",
)  # fmt: skip


@contextmanager
def another(kind: str, place: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes there until it is told to end."""
    arguments = [sys.executable, "-c", HOLD, kind, str(place)]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A workspace that another process writes into, and its id."""
    root = tmp_path_factory.mktemp("busy") / "w"
    with another("workspace", root) as process:
        yield root, process.pid


@pytest.mark.parametrize("command", WRITERS)
def test_who_writes_into_a_workspace_is_alone(
    command: str, busy: tuple[Path, int], capsys: pytest.CaptureFixture[str]
) -> None:
    root, pid = busy
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--workspace", str(root)])
    assert ended.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"The workspace {root} is being written by process {pid} on " in said
    assert f"workspace {root}`, since 2" in said
    assert "Wait until it has ended, or use another workspace: --workspace DIR." in said
    assert sorted(path.name for path in root.iterdir()) == [".writer.json", ".writer.lock"]


@pytest.mark.parametrize("command", ["explain --lead L1", "score --out scores.csv"])
def test_readers_do_not_ask(
    command: str,
    busy: tuple[Path, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([*command.split(), "--workspace", str(busy[0])])
    assert "holds no model" in capsys.readouterr().err


def test_a_writer_inside_a_writer_goes_on_and_nothing_is_left(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "new" / "w")
    with place.writing():
        with Workspace(tmp_path / "new" / ".." / "new" / "w").writing():
            assert (place.root / ".writer.lock").exists()
        assert (place.root / ".writer.json").exists()
    assert list(tmp_path.iterdir()) == []


def test_another_thread_is_another_writer(tmp_path: Path) -> None:
    refused: list[BusyError] = []

    def write() -> None:
        try:
            with Workspace(tmp_path).writing():
                pass
        except BusyError as error:
            refused.append(error)

    with Workspace(tmp_path).writing():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(refused) == 1


@pytest.mark.parametrize("kind", ["workspace", "file"])
def test_the_lock_of_a_dead_process_is_taken_over(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    with another(kind, place) as process:
        with pytest.raises(BusyError, match=f"process {process.pid} on "), take(kind, place):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        left = sorted(path.name for path in tmp_path.rglob("*.writer.*"))
        assert len(left) == 2
        with take(kind, place), pytest.raises(BusyError), another_takes(kind, place):
            pass
    assert list(tmp_path.rglob("*.writer.*")) == []


def take(kind: str, place: Path) -> AbstractContextManager[None]:
    return Workspace(place).writing() if kind == "workspace" else writing_file(place)


@contextmanager
def another_takes(kind: str, place: Path) -> Iterator[None]:
    """BusyError where another process is refused."""
    arguments = [sys.executable, "-c", HOLD, kind, str(place)]
    ended = subprocess.run(arguments, input="", capture_output=True, text=True, timeout=30)
    if "BusyError" in ended.stderr:
        raise BusyError(ended.stderr)
    yield


def test_a_note_that_cannot_be_read_hides_no_lock(tmp_path: Path) -> None:
    with another("workspace", tmp_path):
        (tmp_path / ".writer.json").write_text("[]")
        with pytest.raises(BusyError, match="is being written by another process"), Workspace(tmp_path).writing():
            pass


def test_a_place_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="file cannot be written"), Workspace(tmp_path / "file").writing():
        pass
