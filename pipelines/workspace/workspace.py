"""Where generated files live: one directory per company (default ``workspace/``), never inside the packages."""

import shlex
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path


class _Below:
    """A path below the root of a workspace, by its name there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, workspace: "Workspace", _: type["Workspace"]) -> Path:
        return workspace.root / self._name


@dataclass(frozen=True)
class Workspace:
    """The paths below a workspace.

    >>> Workspace(Path("workspace")).run_file.as_posix()
    'workspace/run.json'
    """

    root: Path

    def command(self, words: str) -> str:
        """A command to type for this workspace, quoted as the shell needs it.

        >>> Workspace(Path("mi espacio")).command("train")
        "whylead train --workspace 'mi espacio'"
        """
        return f"whylead {words} --workspace {shlex.quote(str(self.root))}"

    def writing(self) -> AbstractContextManager[None]:
        """Be the only process that writes into the workspace; readers do not ask.

        Raises BusyError on entering, which names the other one.
        """
        from pipelines.workspace.writer import LOCK, one_writer  # only those who write need a lock

        advice = "Wait until it has ended, or use another workspace: --workspace DIR."
        return one_writer(self.root / LOCK, f"The workspace {self.root}", advice)

    source = _Below("source")  # simulated export files
    tables = _Below("tables")  # the canonical tables (`whylead import`)
    rejected = _Below("rejected")  # rows rejected by the import, with file, row and reason
    validation = _Below("validation")  # validation result and Data Docs (`whylead validate`)
    features = _Below("features")  # snapshots, labels, split and feature matrix (`whylead features`)
    model = _Below("model")  # model artifact (`whylead train`)
    run_file = _Below("run.json")  # the MLflow run that training opened
    evaluation = _Below("evaluation")  # metrics, plots and report (`whylead evaluate`)
    explanation = _Below("explanation")  # SHAP values, importance and their reports (`whylead explain`)
    champion = _Below("champion")  # the champion's artifact as last promoted: serving need not ask the registry
