import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("data_contracts", "features", "models", "pipelines", "serving", "whylead")


@pytest.mark.parametrize("name", PACKAGES)
def test_package_with_a_common_name_is_ours(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).is_relative_to(REPOSITORY)


def test_packages_are_all_that_the_wheel_ships() -> None:
    import tomllib

    wheel = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["packages"]) == sorted(PACKAGES)


def test_tests_mirror_the_rooms() -> None:
    """A folder of tests/ has the name of the folder that it tests, so that either is found from the other."""
    of_packages = {"data_contracts", "features", "models", "pipelines", "serving"}
    folders = {path.parent.relative_to(REPOSITORY / "tests") for path in (REPOSITORY / "tests").rglob("test_*.py")}
    mirrored = {folder for folder in folders if folder.parts and folder.parts[0] in of_packages}
    assert mirrored
    assert {folder for folder in mirrored if not (REPOSITORY / folder / "__init__.py").exists()} == set()
