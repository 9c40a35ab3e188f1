"""The doctor: what this machine and workspace have, what is missing, and what to do about it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from rich.table import Table

from data_contracts.errors import WhyleadError
from data_contracts.wording import counted
from models.storage.artifact import load_artifact
from models.storage.manifest import short
from models.storage.own_store import NoStoreError
from models.storage.registry import connect, find_version, tracking_uri
from pipelines.featurization.checksums import checked, read_checksums
from pipelines.importing.personal_scan import scan
from pipelines.kernels import load_kernels
from pipelines.registry.chain import METRICS, read_evaluation, require_features, require_tables
from pipelines.registry.run import require_run
from pipelines.workspace.workspace import Workspace

State = Literal["fine", "not yet", "stale", "missing", "found"]
COLOUR: dict[State, str] = {"fine": "green", "not yet": "yellow", "stale": "yellow", "missing": "red", "found": "red"}
FREE_GIB = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``todo`` says what to do where it is not fine."""

    name: str
    state: State
    found: str
    todo: str = ""


class _NotYet(WhyleadError):  # noqa: N818 - nothing is wrong
    """What a later command makes."""


class _Stale(WhyleadError):  # noqa: N818 - a later command makes it whole
    """What was made from something else than what the workspace holds now."""


def examine(workspace: Workspace) -> list[Finding]:
    """Look at everything that whylead needs; nothing is changed."""
    looks: dict[str, Callable[[], str]] = {
        "Python": _python,
        "packages": _packages,
        "LightGBM": _booster,
        "kernel cache": _kernels,
        "workspace": partial(_room, workspace.root),
        "tables": partial(_made, workspace.tables / "dataset.json", "`whylead import`, or `whylead demo`."),
        "features": partial(_features, workspace),
        "trained model": partial(_model, workspace),
        "tracking store": partial(_store, workspace.root),
        "run": partial(_run, workspace),
        "evaluation": partial(_evaluation, workspace),
        "champion": partial(_champion, workspace),
    }
    return [_finding(name, look) for name, look in looks.items()]


def look_for_personal_data(workspace: Workspace) -> list[Finding]:
    """Where tables, artifacts and the tracking store hold personal data; values are never shown."""
    files, found = scan(workspace.root)
    if not found:
        return [Finding("personal data", "fine", f"none found in {counted(files, 'file')} of {workspace.root}")]
    todo = "Declare the column under `personal` in the mapping, import and train again, and remove old runs."
    return [Finding("personal data", "found", str(each), todo) for each in found]


def _finding(name: str, look: Callable[[], str]) -> Finding:
    """What the look gives is fine, what it raises is not."""
    try:
        return Finding(name, "fine", look())
    except WhyleadError as error:
        state: State = "not yet" if isinstance(error, _NotYet) else "stale" if isinstance(error, _Stale) else "missing"
        return Finding(name, state, error.message, error.hint)


def findings_table(findings: list[Finding]) -> Table:
    """The findings as a person reads them."""
    table = Table(title="whylead doctor")
    for column in ("what", "state", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        colour = COLOUR[finding.state]
        table.add_row(finding.name, f"[{colour}]{finding.state}[/]", finding.found, finding.todo)
    return table


def _python() -> str:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise WhyleadError(platform.python_version(), hint="Use 3.11 to 3.13.")
    return platform.python_version()


def _packages() -> str:
    wrong = [text for text in (_unmet(Requirement(line)) for line in metadata.requires("whylead") or []) if text]
    if wrong:
        raise WhyleadError("; ".join(wrong), hint="`make demo` installs requirements/run.txt.")
    return f"whylead {metadata.version('whylead')} and all that it needs"


def _unmet(requirement: Requirement) -> str:
    """What is wrong with one requirement, empty where nothing is; extras are optional."""
    if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        return ""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{requirement.name} {version} is not {requirement.specifier}"
    return ""


def _booster() -> str:
    try:
        import lightgbm
    except OSError as error:
        raise WhyleadError(str(error), hint="Install the OpenMP runtime (Debian: libgomp1).") from error
    return str(lightgbm.__version__)


def _kernels() -> str:
    modules = load_kernels()
    caches = ", ".join(sorted({module.cache for module in modules}))
    compiled = sum(module.compiled for module in modules)
    if not compiled:
        return f"warm and writable: {caches}"
    seconds = sum(module.seconds for module in modules)
    return f"was cold, {counted(compiled, 'kernel')} compiled in {seconds:.0f} s: {caches}"


def _room(root: Path) -> str:
    place = next(path for path in (root.absolute(), *root.absolute().parents) if path.exists())
    if not os.access(place, os.W_OK):
        raise WhyleadError(f"{place} is not writable", hint="Choose another --workspace.")
    free = shutil.disk_usage(place).free / 2**30
    if free < FREE_GIB:
        raise WhyleadError(f"{root}, {free:.1f} GiB free", hint="Make room.")
    return f"{root}, {free:.1f} GiB free"


def _made(path: Path, todo: str) -> str:
    if not path.exists():
        raise _NotYet(f"no {path}", hint=todo)
    return str(path.parent)


def _store(root: Path) -> str:
    try:
        with connect(root):
            return tracking_uri(root)
    except NoStoreError as error:
        raise _NotYet(error.message, hint=error.hint) from error


@contextmanager
def _chain() -> Iterator[None]:
    """What does not belong together is stale: the command that the error names makes it whole."""
    try:
        yield
    except WhyleadError as error:
        if isinstance(error, _NotYet):
            raise
        raise _Stale(error.message, hint=error.hint) from error


def _features(workspace: Workspace) -> str:
    _made(workspace.features / "facts.json", "`whylead features`.")
    with _chain():
        require_tables(workspace, checked(workspace.features))
    return f"{workspace.features}, of these tables"


def _model(workspace: Workspace) -> str:
    _made(workspace.model / "manifest.json", "`whylead train`.")
    artifact = load_artifact(workspace.model)
    with _chain():
        require_features(workspace, artifact, read_checksums(workspace.features))
    return f"{workspace.model}: {artifact.version}, of these features"


def _run(workspace: Workspace) -> str:
    _made(workspace.model / "manifest.json", "`whylead train`.")
    with _chain():
        return f"{require_run(workspace).run_id}, of this model"


def _evaluation(workspace: Workspace) -> str:
    _made(workspace.evaluation / METRICS, "`whylead evaluate`.")
    _made(workspace.model / "manifest.json", "`whylead train`.")
    with _chain():
        read_evaluation(workspace, load_artifact(workspace.model))
    return f"{workspace.evaluation}, of this model"


def _champion(workspace: Workspace) -> str:
    registered = find_version(workspace.root, "champion")
    command = f"promote --version {registered.number}" if registered else "register"
    _made(workspace.champion, f"`{workspace.command(command)}`.")
    artifact = load_artifact(workspace.champion)
    if registered is not None and not artifact.checksum.startswith(registered.model):
        raise _Stale(
            f"{workspace.champion} holds the model {artifact.version}, the registry's champion is version"
            f" {registered.number}, {short(registered.model)}",
            hint=f"`{workspace.command(command)}`.",
        )
    version = f", version {registered.number} of the registry" if registered else ""
    return f"{workspace.champion}: {artifact.version}{version}"
