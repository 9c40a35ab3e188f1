import importlib
import subprocess
import sys
from pathlib import Path

import pytest
import typer.testing

from pipelines import commands
from pipelines.cli import COMMANDS, build_app, main

HEAVY = (
    "pandas", "pyarrow", "duckdb", "numba", "sklearn", "lightgbm", "mlflow", "great_expectations", "shap", "optuna",
    "matplotlib", "fastapi",
)  # fmt: skip


def test_each_command_module_is_a_command_and_each_command_a_module() -> None:
    folder = Path(next(iter(commands.__path__)))
    assert sorted(path.stem.removesuffix("_command") for path in folder.glob("*_command.py")) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_an_example(name: str) -> None:
    result = typer.testing.CliRunner().invoke(build_app(), [name, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert f"whylead {name}" in result.stdout
    documented = importlib.import_module(f"pipelines.commands.{name}_command").command.__doc__
    assert "Example: `whylead " in documented


def test_help_imports_nothing_heavy() -> None:
    code = (
        f"import sys; from pipelines.cli import build_app; build_app(); print([m for m in {HEAVY} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_error_raised_on_purpose_ends_in_its_exit_code_and_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "--workspace", str(tmp_path)])
    assert ended.value.code == 2
    complaint = capsys.readouterr().err
    assert "snapshots.parquet does not exist" in complaint
    assert "whylead features" in complaint


def test_an_unknown_command_is_wrong_use() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["forecast"])
    assert ended.value.code == 2


def test_an_option_out_of_range_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "--workspace", str(tmp_path), "--budget", "-5"])
    assert ended.value.code == 2
    assert "--budget: Input should be greater than or equal to 0 (found -5.0)" in capsys.readouterr().err
