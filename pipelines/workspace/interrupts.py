"""A person's Ctrl-C, which ends a command even where a library swallows it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_noted: list[int] = []  # the signals since the command began


@contextmanager
def noted() -> Iterator[None]:
    """Note an interrupt as it is raised: `check` raises it again, where code that ignores every error has lost it."""
    _noted.clear()
    before = signal.getsignal(signal.SIGINT)
    with suppress(ValueError):  # in another thread than the first, where no signals arrive
        signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)


def check() -> None:
    """Raise KeyboardInterrupt where one was raised before and work goes on all the same."""
    if _noted:
        raise KeyboardInterrupt


def _note(number: int, _frame: FrameType | None) -> None:
    _noted.append(number)
    raise KeyboardInterrupt
