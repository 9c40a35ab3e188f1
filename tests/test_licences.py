import re
from importlib import metadata

import pytest

from tests.conftest import REPOSITORY

LOCKED = (REPOSITORY / "requirements" / "run.txt").read_text("utf-8")
SHIPPED = sorted(set(re.findall(r"^([A-Za-z0-9._-]+)==", LOCKED, re.MULTILINE)))
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|CC0|MPL|Mozilla Public License 2", re.IGNORECASE
)
# What the packages' own files say where their metadata do not.
BY_HAND = {"huey": "MIT", "skops": "MIT"}
ELSEWHERE = {"pywin32", "waitress"}  # on Windows


def licence(package: str) -> str:
    """As the package's metadata say: an SPDX expression, else its classifiers, else a text of its own."""
    told = metadata.metadata(package)
    classifiers = [each for each in told.get_all("Classifier") or [] if each.startswith("License ::")]
    said = (told[name] for name in ("License-Expression", "License") if name in told)
    return BY_HAND.get(package) or ", ".join(classifiers) or next(said, "")


@pytest.mark.parametrize("package", [each for each in SHIPPED if each not in ELSEWHERE])
def test_what_is_shipped_may_be_used_by_anyone(package: str) -> None:
    found = licence(package)
    assert PERMISSIVE.search(found), found
    assert not re.search(r"\bA?GPL|\bLGPL|General Public", found), found


def test_there_is_something_to_look_at() -> None:
    assert len(SHIPPED) > 100
