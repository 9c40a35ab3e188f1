import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.testing

from pipelines import commands
from pipelines.cli import COMMANDS, build_app, first_line, load_command, main
from pipelines.commands import options

HEAVY = (
    "pandas", "pyarrow", "duckdb", "numba", "sklearn", "lightgbm", "mlflow", "great_expectations", "shap", "optuna",
    "matplotlib", "fastapi",
)  # fmt: skip
SHOWING = ("numpy", "rich", "yaml", "pydantic")


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


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_shows_the_first_paragraph_of_each_commands_help(name: str) -> None:
    docstring = inspect.getdoc(importlib.import_module(f"pipelines.commands.{name}_command").command)
    assert docstring is not None
    assert first_line(name) == docstring.partition("\n\n")[0].replace("\n", " ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_in_a_sentence_what_it_does(name: str) -> None:
    lines = {parameter.name: getattr(parameter, "help", None) for parameter in load_command(name).params}
    assert [
        option for option, line in lines.items() if not line or not line[0].isupper() or not line.endswith(".")
    ] == []


def test_the_help_page_lists_each_command_with_its_whole_line() -> None:
    result = typer.testing.CliRunner().invoke(build_app(), ["--help"])
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert all(f" {name} {first_line(name)}" in shown for name in COMMANDS)


def test_the_help_page_imports_no_command_and_nothing_heavy() -> None:
    assert imported([["--help"]], *HEAVY, *SHOWING, "pipelines.commands") == set()


def test_the_help_of_the_commands_imports_nothing_heavy() -> None:
    assert imported([[name, "--help"] for name in COMMANDS], *HEAVY) == set()


def imported(calls: list[list[str]], *modules: str) -> set[str]:
    """Those of the modules that a new process has imported after these calls of the command line."""
    code = f"""
import contextlib, sys
from pipelines.cli import main
for arguments in {calls}:
    with contextlib.suppress(SystemExit):
        main(arguments)
sys.stderr.write(" ".join(set({modules}) & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.count("Usage: ") == len(calls)
    return set(ran.stderr.split())


def test_an_old_name_of_an_option_still_works_but_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def load_kernels(*, force: bool) -> list[Any]:
        asked.append(force)
        return []

    monkeypatch.setattr("pipelines.kernels.load_kernels", load_kernels)
    for option in ([], ["--anew"], ["--force"]):
        assert typer.testing.CliRunner().invoke(build_app(), ["compile", "--json", *option]).exit_code == 0
    assert asked == [False, True, True]
    assert "--anew" not in typer.testing.CliRunner().invoke(build_app(), ["compile", "--help"]).stdout


def test_a_misspelt_command_is_told_the_likely_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serv"])
    assert "Did you mean 'serve'?" in capsys.readouterr().err


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
    assert "--budget: expected at least 0, found -5.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["features", "--split", "randm"],
            "'--split': 'randm' is not one of 'auto', 'out_of_time', 'ordered', 'random'.",
        ),
        (["train", "--trials", "many"], "'--trials': expected a whole number, found 'many'."),
        (["train", "--budget", "much"], "'--budget': expected a number, found 'much'."),
        (["score", "--out", "x.csv", "--reasons", "99"], "'--reasons': expected at most 50, found '99'."),
    ],
)
def test_what_an_option_expects_is_said_plainly(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("option", "words"),
    [("features --split", {"auto", "ordered"}), ("explain --language", {"en", "es"}), ("run -m", {"hubspot"})],
)
def test_the_shell_completes_what_an_option_takes(option: str, words: set[str]) -> None:
    asked = {
        "_WHYLEAD_COMPLETE": "complete_bash",
        "COMP_WORDS": f"whylead {option} ",
        "COMP_CWORD": str(len(option.split()) + 1),
    }
    told = typer.testing.CliRunner().invoke(build_app(), [], prog_name="whylead", env=asked).stdout
    assert words <= set(told.split())


def test_help_shows_what_is_asked_for_most_before_settings() -> None:
    shown = typer.testing.CliRunner().invoke(build_app(), ["run", "--help"]).stdout
    places = [
        shown.index(text)
        for text in ("\nOptions:", "--mapping NAME", "\nSplitting", "--trials", "\nSettings", "--json")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("begun", "left"),
    [
        ([], "Nothing was done: run the same command again."),
        (["train"], "Nothing half done is left of train: run the same command again."),
        (
            ["import", "validate", "features"],
            "import, validate are finished: run the same command again, or whylead fea",
        ),
    ],
)
def test_who_stops_a_command_is_told_what_is_left_of_it(begun: list[str], left: str) -> None:
    with pytest.raises(KeyboardInterrupt, match=left):
        begin_and_stop(begun)


def begin_and_stop(names: list[str]) -> None:
    with options.stages() as on_stage:
        for name in names:
            on_stage(name)
        raise KeyboardInterrupt


def test_a_stopped_command_says_so_and_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.training.stage.train_model", stop)
    with pytest.raises(SystemExit) as ended:
        main(["train", "--workspace", str(tmp_path)])
    assert ended.value.code == 130
    assert capsys.readouterr().err.splitlines() == [
        "Interrupted. Nothing half done is left of train: run the same command again."
    ]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("whylead 0.")


@pytest.mark.parametrize("arguments", [["-h"], ["score", "-h"]])
def test_help_has_a_short_name(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert "Usage: " in capsys.readouterr().out
