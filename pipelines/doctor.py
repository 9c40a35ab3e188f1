"""The doctor: what this machine and workspace have, what is missing, and what to do about it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from rich.table import Table

from data_contracts.errors import WhyleadError
from models.storage.registry import connect, tracking_uri
from pipelines.kernels import load_kernels
from pipelines.workspace.workspace import Workspace

State = Literal["fine", "not yet", "missing"]
COLOUR: dict[State, str] = {"fine": "green", "not yet": "yellow", "missing": "red"}
FREE_GIB = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``todo`` says what to do where it is not fine."""

    name: str
    state: State
    found: str
    todo: str = ""


def examine(workspace: Workspace) -> list[Finding]:
    """Look at everything that whylead needs; nothing is changed but the tracking store, which is made."""
    looks: tuple[Callable[[Workspace], Finding], ...] = (
        _python, _packages, _booster, _kernels, _room, _tables, _model, _store, _champion,
    )  # fmt: skip
    return [look(workspace) for look in looks]


def findings_table(findings: list[Finding]) -> Table:
    """The findings as a person reads them."""
    table = Table(title="whylead doctor")
    for column in ("what", "state", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        colour = COLOUR[finding.state]
        table.add_row(finding.name, f"[{colour}]{finding.state}[/]", finding.found, finding.todo)
    return table


def _python(_: Workspace) -> Finding:
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(
        "Python", "fine" if fine else "missing", platform.python_version(), "" if fine else "Use 3.11 to 3.13."
    )


def _packages(_: Workspace) -> Finding:
    wrong = [text for text in (_unmet(Requirement(line)) for line in metadata.requires("whylead") or []) if text]
    if wrong:
        return Finding("packages", "missing", "; ".join(wrong), "`make demo` installs requirements/run.txt.")
    return Finding("packages", "fine", f"whylead {metadata.version('whylead')} and all that it needs")


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


def _booster(_: Workspace) -> Finding:
    try:
        import lightgbm
    except OSError as error:
        return Finding("LightGBM", "missing", str(error), "Install the OpenMP runtime (Debian: libgomp1).")
    return Finding("LightGBM", "fine", lightgbm.__version__)


def _kernels(_: Workspace) -> Finding:
    try:
        modules = load_kernels()
    except WhyleadError as error:
        return Finding("kernel cache", "missing", error.message, error.hint)
    caches = ", ".join(sorted({module.cache for module in modules}))
    compiled = sum(module.compiled for module in modules)
    if not compiled:
        return Finding("kernel cache", "fine", f"warm and writable: {caches}")
    took = sum(module.seconds for module in modules)
    return Finding("kernel cache", "fine", f"was cold, {compiled} kernels compiled in {took:.0f} s: {caches}")


def _room(workspace: Workspace) -> Finding:
    place = next(path for path in (workspace.root.absolute(), *workspace.root.absolute().parents) if path.exists())
    if not os.access(place, os.W_OK):
        return Finding("workspace", "missing", f"{place} is not writable", "Choose another --workspace.")
    free = shutil.disk_usage(place).free / 2**30
    state: State = "fine" if free >= FREE_GIB else "missing"
    return Finding(
        "workspace", state, f"{workspace.root}, {free:.1f} GiB free", "" if state == "fine" else "Make room."
    )


def _tables(workspace: Workspace) -> Finding:
    return _made(workspace.tables / "dataset.json", "tables", "`whylead import`, or `whylead demo`.")


def _model(workspace: Workspace) -> Finding:
    return _made(workspace.model / "manifest.json", "trained model", "`whylead train`.")


def _made(path: Path, name: str, todo: str) -> Finding:
    if path.exists():
        return Finding(name, "fine", str(path.parent))
    return Finding(name, "not yet", f"no {path}", todo)


def _store(workspace: Workspace) -> Finding:
    try:
        connect(workspace.root)
    except WhyleadError as error:
        return Finding("tracking store", "missing", error.message, error.hint)
    return Finding("tracking store", "fine", tracking_uri(workspace.root))


def _champion(workspace: Workspace) -> Finding:
    if not workspace.champion.exists():
        return Finding("champion", "not yet", f"no {workspace.champion}", "`whylead register`, `whylead promote`.")
    from models.storage.artifact import load_artifact

    try:
        load_artifact(workspace.champion)
    except WhyleadError as error:
        return Finding("champion", "missing", error.message, error.hint)
    return Finding("champion", "fine", str(workspace.champion))
