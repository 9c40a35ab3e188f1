"""What lies by now in the directory that the served model came from: a server goes on with what it has loaded."""

import logging
import threading
from pathlib import Path
from typing import Literal

from models.storage.artifact import load_artifact

State = Literal["served", "another", "damaged"]
_WORDS = {
    "served": "The model on the disk is the one that is served again.",
    "another": "There is another model on the disk; this server goes on with version %s until it is restarted.",
    "damaged": "The model on the disk cannot be loaded; this server goes on with version %s. %s",
}
logger = logging.getLogger("whylead.serving")


class OnDisk:
    """Compares a directory with the model that was loaded from it, which has to be begun first; for several threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.version = ""  # of the model, once it is loaded
        self._seen = self._files()  # size and time of each file when it was last looked at
        self._state: State = "served"
        self._one = threading.Lock()

    def state(self) -> State:
        """Whether the model is still there; the log is told of every change. Files that stayed are not read again."""
        with self._one:
            seen = self._files()
            if seen != self._seen:
                state, why = self._look()
                if state != self._state:
                    logger.warning(_WORDS[state], *(self.version, why)[: _WORDS[state].count("%s")])
                self._seen, self._state = seen, state
            return self._state

    def _files(self) -> list[tuple[str, int, int]]:
        try:
            found = [(str(path), path.stat()) for path in sorted(self.directory.rglob("*"))]
        except OSError:  # it is just being replaced
            return []
        return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]

    def _look(self) -> tuple[State, str]:
        try:
            version = load_artifact(self.directory).version
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, this server does not need it
            return "damaged", str(error)
        return ("served" if version == self.version else "another"), ""
