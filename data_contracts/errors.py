"""Every error that whylead raises on purpose.

    WhyleadError                  exit code 2 unless said
    |- InputError                 something handed in cannot be used
    |  |- FileError               a file cannot be read
    |  |- MappingError            a mapping does not fit its own language or the files
    |  |- TableError              a table breaks its contract beyond rejected rows
    |  |- AgreementError          the agreement (or scorecard) is not valid
    |  `- ParamsError             params.yaml or an option is not valid
    |- DataFallsShort             exit code 1: readable, but not good or not large enough
    |- BusyError                 another process is writing there
    |- ArtifactError              a model artifact is damaged or was made by other definitions
    `- RegistryError              the model registry does not have what was asked for

A message says what was found, where (file, column, row, id) and what was expected; the hint says what to do.
"""

from typing import ClassVar


class WhyleadError(Exception):
    """Base of all errors raised on purpose; ``str()`` is one sentence for a person, ``hint`` says what to do."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(WhyleadError):
    """Something handed in cannot be used."""


class FileError(InputError):
    """A file cannot be read."""


class MappingError(InputError):
    """A mapping does not fit its own language or the files that it names."""


class TableError(InputError):
    """A table breaks its contract beyond what rejected rows can mend."""


class AgreementError(InputError):
    """The agreement or the scorecard is not valid."""


class ParamsError(InputError):
    """A parameter or an option is not valid."""


class DataFallsShort(WhyleadError):  # noqa: N818 - a verdict about the data, not a fault
    """The data are readable, but not good or not large enough for what was asked."""

    exit_code = 1


class BusyError(WhyleadError):
    """Another process is writing there."""


class ArtifactError(WhyleadError):
    """A model artifact is damaged, or was made by other feature definitions."""


class RegistryError(WhyleadError):
    """The model registry does not have what was asked for."""
