"""Directories that are replaced as a whole: written beside, then moved into place, or not at all."""

import shutil
import tempfile
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
        fresh = tuple(Path(stack.enter_context(_beside(target))) for target in targets)
        yield fresh
        for new, target in zip(fresh, targets, strict=True):
            _move(new, target)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    made = [each for each in (target.parent, *target.parent.parents) if not each.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise FileError(f"{target.parent} cannot be written: {error.strerror}.") from error
    fresh = holder / target.name
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(holder, ignore_errors=True)
        for directory in made:  # innermost first; those that now hold something stay
            if directory.is_dir() and not any(directory.iterdir()):
                directory.rmdir()


def _move(new: Path, target: Path) -> None:
    old = new.parent / "old"
    if target.exists():
        target.rename(old)
    new.rename(target)
