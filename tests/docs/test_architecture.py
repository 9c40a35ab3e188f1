"""docs/architecture.md shows the rooms in the order that import-linter holds."""

import re
import tomllib

import pytest

from tests.conftest import REPOSITORY
from tests.docs.markdown import spans

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Rooms")[2]
CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
LAYERS = {contract["containers"][0]: contract["layers"] for contract in CONTRACTS if "containers" in contract}


def rooms(page: str, package: str) -> list[set[str]]:
    """The rooms in the rows of a package, from the top; a path with a folder in it is a room inside a room."""
    rows = re.search(rf"^\| `{package}/` (\| .*?)(?=^\| `|^$)", page, re.DOTALL | re.MULTILINE)
    assert rows is not None
    named = [{span.rstrip("/") for span in spans(row)} for row in rows[1].splitlines()]
    return [{room for room in row if "/" not in room} for row in named]


@pytest.mark.parametrize("package", LAYERS)
def test_the_rooms_are_those_that_the_linter_holds(package: str) -> None:
    assert rooms(PAGE, package) == [set(layer.split(" | ")) for layer in LAYERS[package]]


def test_a_room_that_is_missing_is_noticed() -> None:
    page = "| `features/` | `live` |\n| | `view`, `values/`: windows |\n\n"
    assert rooms(page, "features") == [{"live"}, {"view", "values"}]
