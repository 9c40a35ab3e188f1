"""What every test can ask for."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The directory of real data sets (WHYLEAD_DATA); its tests are skipped where it is absent."""
    directory = Path(os.environ.get("WHYLEAD_DATA", REPOSITORY.parent / "shared" / "data"))
    if not directory.is_dir():
        pytest.skip(f"no real data sets at {directory}: set WHYLEAD_DATA to run this test")
    return directory
