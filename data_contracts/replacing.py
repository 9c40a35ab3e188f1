"""Files and directories that appear whole or not at all: written beside their place, then moved into it.

What is unfinished lies in a directory of its own, ``.NAME.RANDOM.partial``, which its writer locks for as long as it
lives: no two processes share one, and what a killed process left is known by its free lock and cleaned up by the next
writer of the same name. Everything is on the disk (fsync) before a name changes, and the change of name after it.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock, Timeout

from data_contracts.errors import FileError

_LOCK, _OLD = ".lock", ".old"  # inside the directory of what is unfinished
_NEW = ".ready"  # there once all that is to take its place is on the disk
_LENGTH = 50  # letters of the target's name in that of what is unfinished


@contextmanager
def replacing(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Give an empty directory for each target; on leaving without an error each takes its target's place.

    Raises FileError where the place of a target cannot be written.
    """
    with ExitStack() as stack:
        fresh = tuple(stack.enter_context(_beside(target)) for target in targets)
        for directory in fresh:
            directory.mkdir()
        yield fresh
        for new in fresh:
            _keep(new)
            (new.parent / _NEW).touch()
            _sync(new.parent)
        for new, target in zip(fresh, targets, strict=True):
            _take_place(new, target)


@contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """Give the path of a file to write; on leaving without an error it takes the target's place.

    Raises FileError where the place of the target cannot be written.
    """
    if target.is_dir():
        raise FileError(f"{target} is a directory, expected the name of a file.")
    with _beside(target) as fresh:
        yield fresh
        move_into_place(fresh, target)


def move_into_place(written: Path, target: Path) -> None:
    """Let a file that is whole, on the same file system, take the place of another one."""
    _keep(written)
    written.replace(target)
    _sync(target.parent)


def _keep(path: Path) -> None:
    """Have a file, or a directory with all that it holds, on the disk, so that it outlives a power cut."""
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        _sync(each)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no directory
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_place(new: Path, target: Path) -> None:
    if target.exists():
        target.rename(new.parent / _OLD)
    new.rename(target)
    _sync(target.parent)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A path in a directory beside the target; what killed processes left there is cleaned up first."""
    absent = [each for each in (target.parent, *target.parent.parents) if not each.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clean_up(target)
        holder, lock = _locked(target)
    except OSError as error:
        raise FileError(f"{target.parent} cannot be written: {error.strerror or error}.") from error
    try:
        yield holder / target.name
    finally:
        _remove(holder, lock)
        for directory in absent:  # innermost first; those that now hold something stay
            if directory.is_dir() and not any(directory.iterdir()):
                directory.rmdir()


def _locked(target: Path) -> tuple[Path, FileLock]:
    """A directory of this process alone. Another's cleaning may take one before it is locked: then there is a next."""
    while True:
        holder = Path(mkdtemp(prefix=_begin(target), suffix=".partial", dir=target.parent))
        lock = FileLock(holder / _LOCK, blocking=False)
        with suppress(Timeout, FileNotFoundError):
            lock.acquire()
            return holder, lock


def _clean_up(target: Path) -> None:
    """Remove what dead writers of the target left; what was ready when its writer died takes its place yet."""
    for holder in _unfinished(target):
        lock = FileLock(holder / _LOCK, blocking=False)
        try:
            lock.acquire()
        except (Timeout, OSError):
            continue  # its writer lives, or is done by now
        if not target.exists() and (holder / _NEW).exists() and (holder / target.name).is_dir():
            _take_place(holder / target.name, target)
        _remove(holder, lock)


def _unfinished(target: Path) -> list[Path]:
    """The directories of what is unfinished of a target, also as earlier versions called them."""
    called = re.compile(re.escape(_begin(target)) + r"([a-z0-9_]{8}\.)?partial")
    return [target.parent / name for name in os.listdir(target.parent) if called.fullmatch(name)]


def _begin(target: Path) -> str:
    """How the names begin: no longer than a name may be, whatever the target's own."""
    return f".{target.name[:_LENGTH]}."


def _remove(holder: Path, lock: FileLock) -> None:
    """The lock goes last: as long as anything is there, its writer is seen to live."""
    with suppress(OSError):
        for each in holder.iterdir():
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)
            elif each.name != _LOCK:
                each.unlink()
        (holder / _LOCK).unlink()  # Windows removes no file that is open
    lock.release()
    shutil.rmtree(holder, ignore_errors=True)
