"""Every command, option and setting has its place in the documents."""

import re

import pytest
import yaml

from pipelines.cli import COMMANDS, load_command
from pipelines.workspace.params import Params
from serving.settings import PREFIX, Settings
from tests.conftest import REPOSITORY
from tests.docs import markdown, names
from tests.pipelines.commands_page import is_shown

DOCS = {page.name: page.read_text(encoding="utf-8") for page in names.DOCUMENTS if page.parent == REPOSITORY / "docs"}
SETTINGS = DOCS["settings.md"]


def undocumented(wanted: set[str], text: str) -> list[str]:
    """Those of the names that the text does not show as code."""
    return sorted(name for name in wanted if f"`{name}`" not in text)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_its_options(name: str) -> None:
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", DOCS["commands.md"], re.DOTALL | re.MULTILINE)
    assert section is not None
    shown = {option for each in load_command(name).params if is_shown(each) for option in each.opts if option[0] == "-"}
    assert undocumented(shown, section[1]) == []


def test_every_key_of_params_yaml_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+\.\w+)` \| `(.*?)` \|", SETTINGS, re.MULTILINE)
    assert {key: yaml.safe_load(default) for key, default in rows} == names.params_keys()


def test_params_yaml_names_every_key() -> None:
    sections = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))
    assert {f"{section}.{key}" for section, keys in sections.items() for key in keys} == set(names.params_keys())


def test_every_environment_variable_is_documented() -> None:
    assert undocumented(names.environment_variables(), SETTINGS) == []


def test_every_setting_of_the_server_is_documented_with_its_meaning() -> None:
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else f"`{field.default}`"
        assert f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |" in DOCS["http.md"]


def test_every_page_is_in_the_index_and_reached_from_the_readme() -> None:
    index = DOCS["README.md"]
    assert [page for page in DOCS if page != "README.md" and f"| [{page}]({page}) |" not in index] == []
    assert "docs/README.md" in markdown.links((REPOSITORY / "README.md").read_text(encoding="utf-8"))


def test_an_example_of_params_yaml_is_accepted() -> None:
    examples = [content for language, content in markdown.blocks(DOCS["features.md"]) if language == "yaml"]
    assert [list(Params.model_validate(yaml.safe_load(example)).train.monotone.values()) for example in examples] == [
        ["increasing", "increasing", "decreasing", "increasing"]
    ]


def test_what_is_left_out_is_noticed() -> None:
    assert undocumented({"--out", "--json"}, "| `--out` |") == ["--json"]
    assert undocumented({"WHYLEAD_MEMORY"}, "`WHYLEAD_MEMORY_LIMIT`") == ["WHYLEAD_MEMORY"]
