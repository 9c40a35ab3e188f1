"""Ctrl-C ends a command, also where something on the way takes it for an error of its own and goes on."""

import signal
from contextlib import suppress

import pytest

from pipelines.commands.options import stages
from pipelines.workspace.interrupts import check, noted


def swallowed() -> None:
    """What some libraries do while they are imported."""
    with suppress(BaseException):
        signal.raise_signal(signal.SIGINT)


def stopped_in_vain() -> None:
    with noted(), stages() as on_stage:
        on_progress = on_stage("train")
        swallowed()
        on_progress("going on", 0.2)


def test_an_interrupt_that_a_library_swallows_ends_the_command_at_the_next_progress() -> None:
    with pytest.raises(KeyboardInterrupt, match="Nothing half done is left of train"):
        stopped_in_vain()


def test_no_interrupt_outlives_its_command() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), noted():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    with noted():
        check()
