"""``whylead serve`` finds the model and hands over to the server."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data_contracts.errors import FileError
from pipelines.commands import serve_command
from pipelines.commands.serve_command import find_model
from pipelines.workspace.workspace import Workspace


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would replace the process."""
    calls: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: calls.extend(arguments))
    for name in ("MODEL", "HOST", "PORT", "WORKERS"):
        monkeypatch.delenv(f"WHYLEAD_{name}", raising=False)
    return calls


def serve(*arguments: str) -> int:
    import typer

    app = typer.Typer()
    app.command()(serve_command.command)
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False).exit_code


def test_the_champion_of_the_workspace_is_served(tmp_path: Path, handed_over: list[Any]) -> None:
    (tmp_path / "champion").mkdir()
    assert serve("--workspace", str(tmp_path), "--port", "0", "--workers", "2") == 0
    program, arguments, environment = handed_over
    assert (program, arguments) == (sys.executable, [sys.executable, "-P", "-m", "serving"])
    assert environment["WHYLEAD_MODEL"] == str(tmp_path / "champion")
    assert (environment["WHYLEAD_PORT"], environment["WHYLEAD_WORKERS"]) == ("0", "2")
    assert "WHYLEAD_HOST" not in environment


def test_settings_of_the_environment_stay_where_no_option_is_given(
    tmp_path: Path, handed_over: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHYLEAD_MODEL", str(tmp_path))
    monkeypatch.setenv("WHYLEAD_PORT", "9000")
    assert serve() == 0
    assert handed_over[2]["WHYLEAD_MODEL"] == str(tmp_path)
    assert handed_over[2]["WHYLEAD_PORT"] == "9000"


def test_without_a_champion_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"There is no model to serve: .*champion does not exist") as caught:
        find_model(Workspace(tmp_path), None)
    assert "whylead run" in caught.value.hint


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no_such_model does not exist"):
        find_model(Workspace(tmp_path), str(tmp_path / "no_such_model"))
