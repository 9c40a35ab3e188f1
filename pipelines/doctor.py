"""The doctor: what this machine and workspace have, what is missing, and what to do about it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
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
from models.storage.registry import connect, tracking_uri
from pipelines.importing.personal_scan import scan
from pipelines.kernels import load_kernels
from pipelines.workspace.workspace import Workspace

State = Literal["fine", "not yet", "missing", "found"]
COLOUR: dict[State, str] = {"fine": "green", "not yet": "yellow", "missing": "red", "found": "red"}
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


def examine(workspace: Workspace) -> list[Finding]:
    """Look at everything that whylead needs; nothing is changed but the tracking store, which is made."""
    looks: dict[str, Callable[[], str]] = {
        "Python": _python,
        "packages": _packages,
        "LightGBM": _booster,
        "kernel cache": _kernels,
        "workspace": partial(_room, workspace.root),
        "tables": partial(_made, workspace.tables / "dataset.json", "`whylead import`, or `whylead demo`."),
        "trained model": partial(_made, workspace.model / "manifest.json", "`whylead train`."),
        "tracking store": partial(_store, workspace.root),
        "champion": partial(_champion, workspace.champion),
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
        return Finding(name, "not yet" if isinstance(error, _NotYet) else "missing", error.message, error.hint)


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
    with connect(root):
        return tracking_uri(root)


def _champion(directory: Path) -> str:
    _made(directory, "`whylead register`, `whylead promote`.")
    load_artifact(directory)
    return str(directory)
