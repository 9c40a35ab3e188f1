from pathlib import Path

import pytest

from data_contracts.errors import ParamsError
from pipelines.commands.options import load_params
from pipelines.workspace.params import Params, read_params
from tests.conftest import REPOSITORY


def written(directory: Path, text: str) -> Path:
    path = directory / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_projects_own_file_says_the_defaults() -> None:
    assert read_params(REPOSITORY / "params.yaml") == Params()


def test_only_the_usual_file_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_params(Path("params.yaml")) == Params()
    (tmp_path / "fast.yaml").touch()
    with pytest.raises(ParamsError, match=r"--params: there is no file fats\.yaml\. Did you mean fast\.yaml\?"):
        read_params(Path("fats.yaml"))
    with pytest.raises(ParamsError, match=r"--params: there is no file nowhere/params\.yaml"):
        load_params(Path("nowhere/params.yaml"))


def test_patterns_of_monotone_features_are_read_and_survive_an_option(tmp_path: Path) -> None:
    text = 'train:\n  monotone:\n    demo_request.count_*: increasing\n    "*.recency": decreasing\n'
    params = load_params(written(tmp_path, text), seed=3)
    assert params.train.monotone == {"demo_request.count_*": "increasing", "*.recency": "decreasing"}
    assert params.train.seed == 3


def test_a_direction_that_is_none_is_named_with_its_pattern(tmp_path: Path) -> None:
    path = written(tmp_path, "train: {monotone: {lead.employees: up}}")
    with pytest.raises(ParamsError, match=r"params\.yaml, line 1: train\.monotone\.lead\.employees: .*, found 'up'"):
        read_params(path)


def test_an_unquoted_star_in_front_is_no_yaml_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml, line 3, column \d+: .*Check indentation, colons and quotes"):
        read_params(written(tmp_path, "train:\n  monotone:\n    *.recency: decreasing\n"))


def test_a_misspelt_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    text = "features:\n  seed: 1\n  test_shaer: 0.3\n"
    with pytest.raises(ParamsError, match=r"line 3: unknown key 'features\.test_shaer'\. Did you mean test_share\?"):
        read_params(written(tmp_path, text))


def test_a_value_of_the_wrong_kind_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml, line 2: train\.seed: expected a whole number, found 'seven'"):
        read_params(written(tmp_path, "train:\n  seed: seven\n"))


def test_an_empty_file_leaves_the_defaults(tmp_path: Path) -> None:
    assert read_params(written(tmp_path, "# nothing yet\n")) == Params()
