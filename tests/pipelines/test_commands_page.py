import re

from pipelines.cli import COMMANDS
from tests.conftest import REPOSITORY
from tests.pipelines.commands_page import PAGE, page


def test_the_page_says_what_the_commands_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.pipelines.commands_page"


def test_the_readme_names_only_commands_and_files_that_exist() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^whylead (\w+)|`whylead (\w+)", readme, re.MULTILINE))
    assert {first or second for first, second in named} <= set(COMMANDS)
    linked = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert len(linked) > 10
    assert [path for path in linked if not (REPOSITORY / path).exists()] == []
