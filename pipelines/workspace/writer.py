"""One writer at a time: a lock of the operating system, which ends with its process, and a note of who holds it."""

import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data_contracts.errors import BusyError, FileError

LOCK = ".writer.lock"
PATIENCE = 0.2  # seconds, for another's last moments


@contextmanager
def one_writer(lock: Path, what: str, advice: str) -> Iterator[None]:
    """Be the only process that writes ``what``; inside itself, in the same process, it goes on at once.

    ``lock`` is the lock's file, there only for as long as it is held; beside it a note says who holds it. The lock of a
    process that died is free. Raises BusyError, which names the holder and says ``advice``, where there is another;
    FileError where nothing can be written at its place.
    """
    path = lock.parent.resolve() / lock.name
    absent = [each for each in (path.parent, *path.parent.parents) if not each.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(path, timeout=PATIENCE, is_singleton=True)
        inside = held.is_locked
        held.acquire()
    except Timeout as busy:
        raise BusyError(f"{what} is being written by {_holder(path)}.", hint=advice) from busy
    except OSError as error:
        raise FileError(f"{path.parent} cannot be written: {error.strerror or error}.") from error
    try:
        if not inside:
            _note(path).write_text(json.dumps(_this_process()) + "\n", encoding="utf-8")
        yield
    finally:
        if not inside:
            _forget(path)
        held.release()
        for directory in absent:  # innermost first; those that now hold something stay
            if directory.is_dir() and not any(directory.iterdir()):
                directory.rmdir()


def writing_file(out: Path) -> AbstractContextManager[None]:
    """Be the only process that writes a file that a person named, and what is unfinished of it beside it."""
    return one_writer(out.with_name(f".{out.name}{LOCK}"), str(out), "Wait until it has ended, or name another file.")


def _note(lock: Path) -> Path:
    return lock.with_suffix(".json")


def _forget(lock: Path) -> None:
    """Leave nothing behind. A lock of a file that is gone counts for nothing: filelock looks, and tries again."""
    for path in (_note(lock), lock):
        with suppress(OSError):  # Windows removes no file that is open
            path.unlink()


def _this_process() -> dict[str, Any]:
    program, *arguments = sys.argv or [sys.executable]
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": shlex.join([Path(program).name, *arguments]),
        "started": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
    }


def _holder(lock: Path) -> str:
    """Who holds a lock, as it noted; the note appears a moment after the lock."""
    try:
        noted = json.loads(_note(lock).read_text(encoding="utf-8"))
        return "process {pid} on {host} (`{command}`, since {started})".format(**noted)
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
