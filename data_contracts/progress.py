"""How long work tells how far it is."""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, float], None]
"""Called with what is done now and the share done, 0 to 1."""


def silent(_message: str, _share: float) -> None:
    """Progress that nobody looks at."""


def unwatched(_stage: str) -> Progress:
    """Stages that nobody looks at."""
    return silent
