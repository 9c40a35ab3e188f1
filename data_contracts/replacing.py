"""Files and directories that appear whole or not at all: written beside their place, then moved into it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from data_contracts.errors import FileError


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
        for new, target in zip(fresh, targets, strict=True):
            if target.exists():
                target.rename(new.with_name("old"))
            new.rename(target)


@contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """Give the path of a file to write; on leaving without an error it takes the target's place.

    Raises FileError where the place of the target cannot be written.
    """
    if target.is_dir():
        raise FileError(f"{target} is a directory, expected the name of a file.")
    with _beside(target) as fresh:
        yield fresh
        fresh.replace(target)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A path in a directory beside the target; what a killed process left there is removed first."""
    absent = [each for each in (target.parent, *target.parent.parents) if not each.exists()]
    holder = target.with_name(f".{target.name}.partial")
    shutil.rmtree(holder, ignore_errors=True)
    try:
        holder.mkdir(parents=True)
    except OSError as error:
        raise FileError(f"{target.parent} cannot be written: {error.strerror}.") from error
    try:
        yield holder / target.name
    finally:
        shutil.rmtree(holder, ignore_errors=True)
        for directory in absent:  # innermost first; those that now hold something stay
            if directory.is_dir() and not any(directory.iterdir()):
                directory.rmdir()
